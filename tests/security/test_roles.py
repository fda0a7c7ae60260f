"""Walks the URL table: every address, every verb, everybody; the answers must be those of tests/security/table.py."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from annotation.models import (
    Batch,
    Block,
    BulkChange,
    Export,
    Filling,
    Gathering,
    GenerationRequest,
    ImportJob,
    Membership,
    RubricItem,
    RubricTrial,
)
from annotation.services.capture import create_key
from annotation.services.people import invite
from annotation.services.tokens import create_token
from tests.factories import (
    make_checkpoint,
    make_comparison,
    make_constitution,
    make_endpoint,
    make_feedback,
    make_judge,
    make_judgment,
    make_pair_item,
    make_prompt,
    make_quality_report,
    make_rater,
    make_rubric,
    make_run,
    make_snapshot,
    make_task,
    make_user,
)
from tests.security.table import APART, OWN_ROWS, PUBLIC, SIGNED_IN, SITE_RIGHT, TABLE
from training.models import Preflight

PEOPLE = {"alice": "l", "rita": "r", "bob": "a", "vera": "v", "charlie": "stranger", None: "nobody"}
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REFUSALS = {401, 403, 404, 405}


def addresses(resolver=None, spaces=()) -> Iterator[tuple[str | None, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*spaces, entry.name]) if entry.name else None, entry
        else:
            yield from addresses(entry, [*spaces, entry.namespace] if entry.namespace else spaces)


@pytest.fixture
def world(cast, tmp_path):
    """One row for every kind of argument that addresses take."""
    token, _ = create_token(cast.project, by=cast.alice, name="hers")
    cast.arguments = {
        "slug": "wall",
        "key": token.token_key,
        "token": uuid4(),
        "queue": "label",
    }
    run = make_run(cast.project)
    checkpoint = make_checkpoint(cast.project, run=run, path=str(tmp_path))
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "train.jsonl").write_text("{}")
    prompt = make_prompt(cast.project)
    rubric = make_rubric(cast.project).rubric
    asked = GenerationRequest.objects.create(project=cast.project, source=checkpoint.source, total=1)
    rater = make_rater(cast.project, cast.bob)
    make_quality_report(cast.project, rater)
    rows = {
        "annotation:sitting": make_judgment(
            make_pair_item(cast.project), rater=make_rater(cast.project, cast.bob)
        ).sitting,
        "annotation:member": cast.project.memberships.get(user=cast.bob),
        "annotation:invitation": invite(cast.project, by=cast.alice, role="viewer")[0],
        "annotation:item": make_pair_item(cast.project),
        **{
            name: ImportJob.objects.create(project=cast.project, format="pairs", created_by=cast.rita)
            for name in (
                "annotation:import",
                "annotation:import-look",
                "annotation:import-confirm",
                "annotation:import-drop",
            )
        },
        "annotation:task": cast.project.first_task,
        "annotation:capture-revoke": create_key(cast.project, by=cast.alice, name="shop")[0],
        "api-filling": Filling.objects.create(project=cast.project, task=cast.project.first_task),
        "annotation:filling-new": cast.project.first_task,
        "annotation:filling-count": cast.project.first_task,
        "annotation:endpoint": make_endpoint(cast.project),
        "api-endpoint": make_endpoint(cast.project),
        "annotation:topics": make_task(cast.project, interface="chat"),
        "annotation:gathering": Gathering.objects.create(project=cast.project),
        "api-gathering": Gathering.objects.create(project=cast.project),
        "annotation:constitution": make_constitution(cast.project),
        "annotation:judge": make_judge(cast.project).judge,
        "annotation:feedback": make_feedback(cast.project, rows=2),
        "api-constitution": make_constitution(cast.project),
        "api-judge": make_judge(cast.project).judge,
        "api-feedback": make_feedback(cast.project),
        "annotation:snapshot": make_snapshot(cast.project, path=str(tmp_path)),
        "annotation:rubric": rubric,
        "annotation:trial-new": rubric,
        "annotation:trial": RubricTrial.objects.create(version=rubric.versions.get(), created_by=cast.rita),
        "api-rubric": rubric,
        "api-member": Membership.objects.create(project=cast.project, user=make_user(), role="viewer"),
        "api-invitation": invite(cast.project, by=cast.alice, role="viewer")[0],
        "api-prompt": prompt,
        "api-preflight": Preflight.objects.create(project=cast.project, form={}, spec={}, created_by=cast.rita),
        "api-import": ImportJob.objects.create(project=cast.project, format="pairs", created_by=cast.rita),
        "api-run": run,
        "api-quality-rater": rater,
        "annotation:rater": rater,
        "api-snapshot": make_snapshot(cast.project, path=str(tmp_path)),
        "api-comparison": make_comparison(cast.project),
        "api-checkpoint": checkpoint,
        "api-generation": asked,
        "evaluation:comparison": make_comparison(cast.project),
        "training:run-check": Preflight.objects.create(project=cast.project, form={}, spec={}, created_by=cast.rita),
        "training:run": run,
        "training:alert": run,
        "training:checkpoint": checkpoint,
        "training:task-order": cast.project.first_task,
    }
    rows |= rows_of_leading(cast, tmp_path)
    # Addresses below a row's are named after it: api-run-stop.
    cast.pk_of = lambda name: next(
        row.pk for prefix, row in rows.items() if name == prefix or name.startswith(prefix + "-")
    )
    cast.arguments["api-checkpoint-file"] = "config.json"
    cast.arguments["api-snapshot-file"] = "train.jsonl"
    cast.arguments["annotation:snapshot-file"] = "train.jsonl"
    cast.arguments["number"] = 1
    cast.arguments["item_key"] = RubricItem.objects.get().key
    cast.arguments["kind"] = "critique"
    cast.arguments["api-method"] = cast.arguments["training:method"] = "dpo"
    cast.arguments["what"] = "days"
    cast.arguments["panel"] = "loss"
    cast.arguments["alert"] = run.alerts.create(kind="silent", step=1, title="", cause="", advice="").pk
    return cast


def rows_of_leading(cast, folder) -> dict:
    def export(name: str) -> Export:
        path = folder / f"{name.replace(':', '-')}.zip"
        path.write_bytes(b"PK")
        return Export.objects.create(project=cast.project, created_by=cast.rita, state="ready", path=str(path))

    of_project = {"project": cast.project, "created_by": cast.rita}
    return {
        "annotation:batch": Batch.objects.create(title="week", **of_project),
        "annotation:block": Block.objects.create(title="block", **of_project),
        "annotation:bulk-change": BulkChange.objects.create(action="priority", **of_project),
        **{name: export(name) for name in ("annotation:export", "api-export-file", "api-export")},
    }


def address_of(name: str, pattern: URLPattern, world) -> str:
    arguments = {}
    for argument in pattern.pattern.converters:
        if argument == "pk":
            arguments["pk"] = world.pk_of(name)
        else:
            arguments[argument] = world.arguments.get(argument) or world.arguments[name]
    return reverse(name, kwargs=arguments)


def test_every_address_has_a_row_and_every_row_an_address():
    names = {name for name, _ in addresses()}
    assert None not in names, "every address needs a name"
    assert names - APART == set(TABLE)


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_everybody_is_answered_as_the_table_says(world, person):
    wrong = []
    for name, pattern in addresses():
        if name in APART:
            continue
        address = address_of(name, pattern, world)
        for verb in VERBS:
            client = Client(raise_request_exception=False)
            if person:
                client.force_login(getattr(world, person))
            response = client.generic(verb, address, b"", content_type="application/json")
            if response.streaming:
                list(response.streaming_content)  # to its end, where the file is closed
            expected = answer(name, verb, PEOPLE[person])
            if not matches(response, expected):
                wrong.append(f"{verb} {address} ({name}): expected {expected}, got {response.status_code}")
    assert not wrong, "\n".join(wrong)


def answer(name: str, verb: str, role: str) -> str:
    """What the table says: "in", "sign in", or the status of a refusal."""
    row = TABLE[name]
    if verb not in row:
        return "405" if any(lets_in(who, role) for who in row.values()) else "refused"
    if lets_in(row[verb], role):
        return "in, or not this row" if name in OWN_ROWS or (name, verb) in SITE_RIGHT else "in"
    if role == "nobody":
        return "401" if name.startswith("api-") else "sign in"
    return "404" if role == "stranger" else "403"


def lets_in(who: str, role: str) -> bool:
    return who == PUBLIC or (who == SIGNED_IN and role != "nobody") or role in who


def matches(response, expected: str) -> bool:
    status = response.status_code
    signing_in = status == 302 and response.url.startswith("/accounts/login/?next=")
    return {
        "in": status < 500 and status not in REFUSALS and not signing_in,
        "in, or not this row": status < 500 and status not in {401, 405} and not signing_in,
        "sign in": signing_in,
        "refused": status in REFUSALS or signing_in,
    }.get(expected, str(status) == expected)
