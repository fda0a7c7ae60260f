"""Rubrics and their versions. A version is written whole and never changed."""

from django.db import IntegrityError, transaction

from annotation import rubric_document as form
from annotation.errors import Refused
from annotation.models import Project, Rubric, RubricCategory, RubricItem, RubricVersion
from annotation.selectors.rubrics import categories_of
from annotation.services.audit import record

FIRST = {
    "categories": [
        {
            "name": "",
            "generation_prompt": "",
            "improvement_prompt": "",
            "items": [{"text": "The answer does all that was asked, and nothing else.", "weight": 1}],
        }
    ]
}


@transaction.atomic
def create_rubric(
    project: Project, *, by, name: str, description: str = "", document: dict | None = None, note: str = "First version"
) -> RubricVersion:
    """A rubric with its first version. Raises Refused for a taken name or a document that does not hold."""
    name = name.strip()
    if not name:
        raise Refused("Give the rubric a name.", code="name")
    try:
        with transaction.atomic():
            rubric = Rubric.objects.create(project=project, name=name, description=description, created_by=by)
    except IntegrityError:
        raise Refused(f"A rubric named “{name}” exists already. Choose another name.", code="taken") from None
    return _write(rubric, 1, form_of(document or FIRST), by=by, note=note)


@transaction.atomic
def add_version(rubric: Rubric, *, by, document: dict, note: str = "", after: int | None = None) -> RubricVersion:
    """The next version. Raises Refused if nothing was changed, if the document does not hold, or if somebody else made
    a version after the one with the number `after`, on which this one was written."""
    # The row of the rubric is what two editors wait for, so that numbers never repeat.
    Rubric.objects.select_for_update().get(pk=rubric.pk)
    newest = rubric.versions.order_by("-number").first()
    if after is not None and newest.number != after:
        raise Refused(
            f"Version {newest.number} was made while you wrote on version {after}. Your text is kept below: look at "
            "what changed, then publish again.",
            code="overtaken",
            status=409,
        )
    categories = form_of(document)
    if categories == categories_of(newest):
        raise Refused("Nothing was changed, so there is no new version.", code="unchanged")
    return _write(rubric, newest.number + 1, categories, by=by, note=note)


@transaction.atomic
def change_rubric(rubric: Rubric, *, by, name: str, description: str) -> None:
    """Another name or description: neither is part of a version."""
    taken = Rubric.objects.filter(project=rubric.project_id, name=name).exclude(pk=rubric.pk)
    if taken.exists():
        raise Refused(f"A rubric named “{name}” exists already. Choose another name.", code="taken")
    Rubric.objects.filter(pk=rubric.pk).update(name=name, description=description)
    before = {"name": rubric.name, "description": rubric.description}
    after = {"name": name, "description": description}
    record(rubric.project_id, by=by, action="rubric.change", target=rubric, before=before, after=after)


@transaction.atomic
def publish(rubric: Rubric, *, by, document: dict, note: str, after: int, name: str, description: str):
    """What the editor holds: a new version, another name, or both. Returns the version, None where only the name or
    description changed. Raises Refused, and then nothing was written."""
    renamed = (name, description) != (rubric.name, rubric.description)
    if renamed:
        change_rubric(rubric, by=by, name=name, description=description)
    try:
        return add_version(rubric, by=by, document=document, note=note, after=after)
    except Refused as refused:
        if refused.code == "unchanged" and renamed:
            return None
        raise


def split_item(rubric: Rubric, *, by, key: str, parts: list[dict], note: str = "", after: int | None = None):
    """A version in which an item is retired and its parts share its weight. Raises Refused."""
    if len(parts) < 2:
        raise Refused("Splitting takes at least two parts.", code="parts")
    newest = rubric.versions.order_by("-number").first()
    try:
        document = form.split(categories_of(newest), key, parts)
    except KeyError:
        raise Refused("The newest version has no such item to split.", code="item", status=404) from None
    return add_version(rubric, by=by, document=document, note=note, after=after)


def form_of(document: dict) -> form.Categories:
    """The document as checked. Raises Refused with every problem and its path."""
    try:
        return form.read(document)
    except form.InvalidRubric as invalid:
        raise Refused(invalid.problems[0]["message"], code="invalid", problems=invalid.problems) from None


def _write(rubric: Rubric, number: int, categories: form.Categories, *, by, note: str) -> RubricVersion:
    version = RubricVersion.objects.create(rubric=rubric, number=number, note=note[:300], created_by=by)
    for place, category in enumerate(categories):
        row = RubricCategory.objects.create(
            version=version,
            position=place,
            name=category.name,
            generation_prompt=category.generation_prompt,
            improvement_prompt=category.improvement_prompt,
        )
        _write_items(row, category)
    action, told = ("rubric.create" if number == 1 else "rubric.version"), {"version": number, "note": note}
    record(rubric.project_id, by=by, action=action, target=rubric, after=told)
    return version


def _write_items(row: RubricCategory, category: form.Category) -> None:
    # Retired ones first: what was split stands before its parts, in ids too, as an export reads them.
    placed = sorted(enumerate(category.items), key=lambda pair: not pair[1].retired)
    made = RubricItem.objects.bulk_create(
        RubricItem(
            category=row,
            key=item.key,
            position=place,
            text=item.text,
            weight=item.weight,
            kind=item.kind,
            verifier=item.verifier,
            options=item.options,
            critique_prompt=item.critique_prompt,
            retired=item.retired,
        )
        for place, item in placed
    )
    by_key = {str(item.key): item for item in made}
    parts = [(item, part.parent) for item, part in zip(made, (item for _, item in placed), strict=True) if part.parent]
    for item, parent in parts:
        item.parent = by_key[parent]
    RubricItem.objects.bulk_update([item for item, _ in parts], ["parent"])
