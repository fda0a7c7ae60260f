"""Hostile text in every field that takes free text, on every page, in a real browser under the production policy.

What must not happen: something runs, a dialog opens, a request leaves, an element of the text's own making appears,
the policy has to step in (then only it stood between the text and the reader).
"""

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import models
from django.urls import URLPattern

from annotation.services.people import invite
from tests.factories import make_judgment, make_pair_item, make_rater
from tests.security.table import DOWNLOADS, OWN_ROWS, PAGES
from tests.security.test_roles import address_of, addresses
from training.models import Alert, Sample

MARK = "evil-mark"
TRICKS = (
    f'"><script>window.hacked=1;alert("{MARK}")</script>',
    f"</textarea></script><img src=x onerror=\"window.hacked=1\" alt='{MARK}'>",
    f'<svg onload="window.hacked=1"><title>{MARK}</title></svg>',
    f'<iframe srcdoc="<script>parent.hacked=1</script>" title="{MARK}"></iframe>',
    '<style>body{display:none}</style><base href="http://evil.example/"><meta http-equiv="refresh" content="0;url=/">',
    '<form action="http://evil.example/"><button id="hacked">OK</button></form>',
    '<div hx-get="/accounts/logout/" hx-trigger="load" hx-on:load="window.hacked=1">x</div>',
    "[link](javascript:window.hacked=1) ![image](http://evil.example/x.png) <http://evil.example/>",
    "{{ 7|add:7 }} {% debug %} ${7*7}",
    "| a | b |\n|---|---|\n| <b onclick=x> | `<i>` |",
    "\u202egnp.exe \x1b[31m",
)
HOSTILE = "\n\n".join(TRICKS)
# Names of things, not words of people: a wrong one would end the page before it shows anything.
EXACT = {
    "slug", "method", "queue", "interface", "format", "sha256", "digest", "split_key", "split_salt", "path", "key",
    "username", "password", "email", "token_key", "token_sha256", "error_kind", "metric", "outcome", "origin", "since",
    "until",
}  # fmt: skip
FOUND = """() => {
  const own = ["script", "iframe", "object", "embed", "base", "style"];
  const found = own.flatMap((name) => [...document.body.querySelectorAll(name)].map((e) => e.outerHTML.slice(0, 200)));
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      const lower = value.toLowerCase().replace(/[\\s\\u0000-\\u001f]/g, "");
      if (name.startsWith("on") || name.startsWith("hx-on")) found.push(`${name}=${value}`.slice(0, 200));
      if (["href", "src", "action"].includes(name) && lower.startsWith("javascript:")) found.push(`${name}=${value}`);
      if (name === "src" && lower.includes("evil.example")) found.push(`${name}=${value}`);
      if (name === "action" && lower.includes("evil.example")) found.push(`${name}=${value}`);
      if (name === "hx-get" && lower.includes("logout")) found.push(`${name}=${value}`);
    }
  }
  if (document.getElementById("hacked")) found.push("an element of the text's own");
  if (document.querySelector('meta[http-equiv="refresh"]')) found.push("a refresh");
  return found;
}"""


def poison() -> int:
    """Writes the hostile text into every free text of every row; returns how many fields it reached."""
    reached = 0
    for model in [
        User,
        *(m for app in ("annotation", "training", "evaluation") for m in apps.get_app_config(app).get_models()),
    ]:
        fields = [field for field in model._meta.concrete_fields if takes_words(field)]
        for row in model.objects.all() if fields else ():
            for field in fields:
                text = f"{MARK}-{row.pk} {HOSTILE}" if getattr(field, "max_length", None) is None else short(row, field)
                setattr(row, field.attname, text)
                reached += 1
            told = {field.attname: getattr(row, field.attname) for field in fields}
            models.QuerySet(model).filter(pk=row.pk).update(**told)  # past what refuses changes, such as the audit log
        for field in model._meta.concrete_fields:
            if field.name in {"messages", "prompt"} and isinstance(field, models.JSONField):
                model.objects.update(**{field.name: [{"role": "user", "content": HOSTILE}]})
    return reached


def takes_words(field) -> bool:
    return (
        isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and not field.primary_key
        and field.name not in EXACT
    )


def short(row, field) -> str:
    """A trick that fits, another one in each field, told apart by the row's number."""
    start = f"{row.pk} " if field.max_length < 80 else f"{MARK}-{row.pk} "
    fitting = [trick for trick in TRICKS if len(start + trick) <= field.max_length] or ["<b>x"]
    return (start + fitting[sum(map(ord, field.name)) % len(fitting)])[: field.max_length]


def pages(person: str) -> list[tuple[str, URLPattern]]:
    letter = {"alice": "l", "bob": "a"}[person]
    wanted = {
        name
        for name, row in PAGES.items()
        if "GET" in row
        and (letter in row["GET"] or row["GET"] == "signed in")
        and (person == "bob" or name not in OWN_ROWS)
    }
    return [(name, pattern) for name, pattern in addresses() if name in wanted - DOWNLOADS]


@pytest.fixture
def hostile(world):
    item = make_pair_item(world.project, overlap=3)
    make_judgment(item, rater=make_rater(world.project, world.rita), comment="c")
    make_judgment(make_pair_item(world.project), rater=make_rater(world.project, world.bob))
    right = Permission.objects.get(codename="create_project")
    for user in (world.alice, world.bob):
        user.user_permissions.add(right)
    run = world.project.runs.first()
    Sample.objects.create(run=run, step=1, prompt_index=0, prompt=[], completion="c", rewards={HOSTILE[:40]: 1.0})
    Alert.objects.create(run=run, kind="kl_budget", step=1, title="t", cause="c", advice="a")
    world.arguments["token"] = invite(world.project, by=world.alice, role="viewer", note="n")[1]
    assert poison() > 50
    return world


@pytest.mark.browser
@pytest.mark.parametrize("person", ["alice", "bob"])
def test_hostile_text_does_nothing_on_any_page(visit, as_user, hostile, person):
    page, client = visit(getattr(hostile, person)), as_user(getattr(hostile, person))
    shown = 0
    for name, pattern in pages(person):
        address = address_of(name, pattern, hostile)
        if not is_page(client.get(address)):
            continue
        response = page.goto(address)
        assert response.status < 400, f"{address}: {response.status}"
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hacked") is None, address
        assert page.evaluate(FOUND) == [], address
        assert page.evaluate("getComputedStyle(document.body).display") != "none", address
        shown += MARK in page.content()
    assert shown, "no page showed the text at all, so nothing was tested"


def is_page(response) -> bool:
    """Files to download and data for scripts are not shown by a browser."""
    if response.streaming:
        list(response.streaming_content)
    return "html" in response.get("Content-Type", "") and "Content-Disposition" not in response


def test_hostile_text_is_escaped_in_every_answer(as_user, hostile):
    client = as_user(hostile.alice)
    for name, pattern in pages("alice"):
        response = client.get(address_of(name, pattern, hostile))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if "html" in response.get("Content-Type", ""):
            for trick in (
                b"<script>window",
                b"<img src=x",
                b"<svg onload",
                b"<iframe",
                b"<base",
                b'<form action="http',
            ):
                assert trick not in body, f"{name} holds {trick!r}"


def test_no_secret_is_in_any_page(as_user, hostile, settings):
    client = as_user(hostile.alice)
    secrets = [settings.SECRET_KEY, hostile.project.split_salt, hostile.alice.password]
    secrets += list(hostile.project.api_tokens.values_list("digest", flat=True))
    for name, pattern in pages("alice"):
        response = client.get(address_of(name, pattern, hostile))
        body = b"".join(response.streaming_content) if response.streaming else response.content
        for secret in secrets:
            assert secret.encode() not in body, name
