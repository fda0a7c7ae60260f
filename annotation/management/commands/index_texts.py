"""`manage.py index_texts [--rebuild]`: brings the full-text index of items up to date, or makes it anew."""

from django.core.management.base import BaseCommand

from annotation.services import search


class Command(BaseCommand):
    help = "Bring the full-text index of items up to date; --rebuild makes it anew."

    def add_arguments(self, parser):
        parser.add_argument("--rebuild", action="store_true")

    def handle(self, **options):
        count = search.rebuild() if options["rebuild"] else search.freshen(seconds=86_400)
        self.stdout.write(f"{count:,} items were written into the index.")
