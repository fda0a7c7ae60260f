"""The demo's users and their sign-ins, written down once."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from annotation.errors import Refused
from annotation.models import Role

SIGN_INS = "demo-sign-ins.txt"


@dataclass(frozen=True)
class Person:
    username: str
    first: str
    last: str
    role: str


PEOPLE = (
    Person("lead", "Lena", "Moss", Role.LEAD),
    Person("researcher", "Rafael", "Stone", Role.RESEARCHER),
    Person("annotator", "Nora", "Field", Role.ANNOTATOR),
    Person("annotator2", "Tom", "Brook", Role.ANNOTATOR),
    Person("viewer", "Vera", "Hill", Role.VIEWER),
)


@dataclass(frozen=True)
class SignIn:
    username: str
    password: str
    role: str


def sign_ins_path() -> Path:
    return Path(settings.HOME) / SIGN_INS


def make_people() -> tuple[dict[str, User], list[SignIn]]:
    """The demo's users by user name, and their sign-ins.

    Passwords are random unless PLUMBLINE_DEMO_PASSWORD says otherwise; they are kept hashed, and in a file that only
    its owner reads. Raises Refused if somebody has one of the names: the demo takes over nobody's account.
    """
    names = [person.username for person in PEOPLE]
    if taken := User.objects.filter(username__in=names).order_by("username").values_list("username", flat=True):
        raise Refused(
            f"This database has users called {', '.join(taken)} already, and the demo makes its own. Load it into an "
            "empty one: PLUMBLINE_HOME=/path/to/folder, or another DATABASE_URL.",
            code="taken",
        )
    given = os.environ.get("PLUMBLINE_DEMO_PASSWORD", "")
    users, made = {}, []
    for person in PEOPLE:
        password = given or secrets.token_urlsafe(12)
        user = User(username=person.username, first_name=person.first, last_name=person.last)
        _refuse_weak(given, user)
        user.set_password(password)
        user.save()
        if person.role == Role.LEAD:
            user.user_permissions.add(Permission.objects.get(codename="create_project"))
        users[person.username] = user
        made.append(SignIn(person.username, password, str(Role(person.role).label)))
    _write(made)  # before the commit: passwords nobody knows would lock everybody out
    return users, made


def _refuse_weak(given: str, user: User) -> None:
    if not given:
        return
    try:
        validate_password(given, user)
    except ValidationError as error:
        raise Refused(f"PLUMBLINE_DEMO_PASSWORD cannot be used: {' '.join(error.messages)}", code="password") from error


def table(made: list[SignIn]) -> str:
    """Sign-ins as aligned text."""
    rows = [("user name", "password", "role"), *((row.username, row.password, row.role.lower()) for row in made)]
    name, password = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{row[0]:{name}}  {row[1]:{password}}  {row[2]}" for row in rows)


def _write(made: list[SignIn]) -> None:
    path = sign_ins_path()
    path.unlink(missing_ok=True)  # an older file may be readable by others, or belong to a database that is gone
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{table(made)}\n")
