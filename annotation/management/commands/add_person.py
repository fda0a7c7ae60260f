"""`manage.py add_person NAME`: somebody who may sign in. The first person of a new site comes in this way."""

import getpass
import sys

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Add somebody who may sign in; the password is asked for, or read from standard input when that is no terminal."
    )

    def add_arguments(self, parser):
        parser.add_argument("name", help="what they sign in with")
        parser.add_argument("--creates-projects", action="store_true", help="may create projects, and leads them")

    def handle(self, *, name, creates_projects, **_options):
        people = get_user_model()
        if people.objects.filter(username=name).exists():
            raise CommandError(f"There is a person {name} already. A new password: manage.py changepassword {name}")
        person = people(username=name)
        password = self._password()
        try:
            person.full_clean(exclude=["password"])
            validate_password(password, person)
        except ValidationError as problems:
            raise CommandError(" ".join(problems.messages)) from None
        person.set_password(password)
        person.save()
        if creates_projects:
            person.user_permissions.add(Permission.objects.get(codename="create_project"))
        self.stdout.write(f"{name} can sign in{' and create projects' if creates_projects else ''}.")

    def _password(self) -> str:
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != password:
            raise CommandError("The two do not agree; nobody was added.")
        return password
