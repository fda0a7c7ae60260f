from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation", "0007_first_tasks")]
    operations = [
        migrations.RemoveField(
            model_name='project',
            name='hint',
        ),
        migrations.RemoveField(
            model_name='project',
            name='overlap',
        ),
        migrations.RemoveField(
            model_name='project',
            name='question',
        ),
        migrations.RemoveField(
            model_name='project',
            name='scale',
        ),
    ]
