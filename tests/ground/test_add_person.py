"""The first person of a new site."""

import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command


def add(monkeypatch, *arguments, password="a long enough one"):
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("add_person", *arguments, stdout=out)
    return out.getvalue()


def test_somebody_can_sign_in(db, client, monkeypatch):
    assert add(monkeypatch, "ada") == "ada can sign in.\n"
    assert client.login(username="ada", password="a long enough one")
    assert not User.objects.get().has_perm("annotation.create_project")


def test_somebody_can_create_projects(db, monkeypatch):
    add(monkeypatch, "ada", "--creates-projects")
    assert User.objects.get().has_perm("annotation.create_project")


@pytest.mark.parametrize("password", ["short", "", "password123", "ada"])
def test_a_weak_password_adds_nobody(db, monkeypatch, password):
    with pytest.raises(CommandError):
        add(monkeypatch, "ada", password=password)
    assert not User.objects.exists()


def test_a_name_is_given_once_and_must_be_one(db, monkeypatch):
    add(monkeypatch, "ada")
    with pytest.raises(CommandError, match="already"):
        add(monkeypatch, "ada")
    with pytest.raises(CommandError):
        add(monkeypatch, "no spaces")
