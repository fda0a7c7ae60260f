from django.db import migrations
from django.db.models import Count, OuterRef, Subquery


def make_first_tasks(apps, schema_editor):
    """Each project's question, scale and overlap become its first task; items learn how many completions they show."""
    model = lambda name: apps.get_model("annotation", name)  # noqa: E731
    for project in model("Project").objects.all():
        task = model("Task").objects.create(
            project=project, queue="label", question=project.question, hint=project.hint,
            settings={"scale": project.scale}, overlap=project.overlap,
        )
        model("Sitting").objects.filter(project=project).update(task=task)
    entries = model("ItemCompletion").objects.filter(item=OuterRef("pk")).order_by().values("item")
    counted = Subquery(entries.annotate(n=Count("pk")).values("n"))
    model("Item").objects.exclude(interface="pairwise").filter(entries__isnull=False).update(size=counted)


class Migration(migrations.Migration):
    dependencies = [("annotation", "0006_tasks")]
    operations = [migrations.RunPython(make_first_tasks, migrations.RunPython.noop)]
