"""`manage.py demo`: loads the demo. Safe to call on every start."""

from django.core.management.base import BaseCommand, CommandError

from annotation.errors import Refused
from evaluation.services.demo import load
from evaluation.services.demo.people import sign_ins_path, table


class Command(BaseCommand):
    help = "Load the demo: people, pairs, judgments, a snapshot, a tiny model, first runs. Twice changes nothing."

    def handle(self, **_options):
        try:
            loaded = load()
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if loaded.sign_ins:
            self.stdout.write(f"Sign-ins, shown this once and kept in {sign_ins_path()}:\n{table(loaded.sign_ins)}")
