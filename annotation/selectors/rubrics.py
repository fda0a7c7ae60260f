"""Rubrics, their versions, and what is known of their items."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, QuerySet

from annotation import rubric_document as form
from annotation.models import Project, Rubric, RubricCategory, RubricItem, RubricVersion


def rubrics(project: Project) -> QuerySet[Rubric]:
    """With the number of the newest version and when it was made."""
    found = Rubric.objects.filter(project=project)
    newest, changed = Max("versions__number"), Max("versions__created_at")
    return found.annotate(newest=newest, changed_at=changed).order_by("name")


def newest_versions(project: Project) -> QuerySet[RubricVersion]:
    """The newest version of each rubric."""
    later = RubricVersion.objects.filter(rubric=OuterRef("rubric"), number__gt=OuterRef("number"))
    return (
        RubricVersion.objects.filter(~Exists(later), rubric__project=project)
        .select_related("rubric")
        .order_by("rubric__name")
    )


def versions(rubric: Rubric) -> list[RubricVersion]:
    """All versions, newest first, with how many items each has."""
    items = Count("categories__items")
    return list(rubric.versions.select_related("created_by").annotate(items=items).order_by("-number"))


def version_of(rubric: Rubric, number: int | None = None) -> RubricVersion | None:
    """A version with its categories and items; the newest without a number."""
    found = rubric.versions.select_related("created_by", "rubric").prefetch_related(_categories())
    return found.filter(number=number).first() if number else found.order_by("-number").first()


def with_items(pks: Iterable[int]) -> dict[int, RubricVersion]:
    """Versions by id, with their categories and items."""
    found = RubricVersion.objects.filter(pk__in=pks).select_related("rubric").prefetch_related(_categories())
    return {version.pk: version for version in found}


def _categories() -> Prefetch:
    items = Prefetch("items", RubricItem.objects.order_by("position").select_related("parent"))
    return Prefetch("categories", RubricCategory.objects.order_by("position").prefetch_related(items))


def categories_of(version: RubricVersion) -> form.Categories:
    """The version as a document's categories."""
    rows = version.categories.all()
    if "categories" not in getattr(version, "_prefetched_objects_cache", {}):
        rows = rows.order_by("position").prefetch_related("items__parent")
    return tuple(
        form.Category(
            name=row.name,
            generation_prompt=row.generation_prompt,
            improvement_prompt=row.improvement_prompt,
            items=tuple(part_of(item) for item in row.items.all()),
        )
        for row in rows
    )


def part_of(item: RubricItem) -> form.Part:
    return form.Part(
        key=str(item.key),
        text=item.text,
        weight=item.weight,
        kind=item.kind,
        verifier=item.verifier,
        options=item.options,
        critique_prompt=item.critique_prompt,
        parent=str(item.parent.key) if item.parent else None,
        retired=item.retired,
    )


def setting_of(project: Project, told: object) -> dict | None:
    """What a task of the interface `rubric` is told of a version of the project's; None where there is no such one.

    `told` names the version: {"id"}, or {"uid", "number"} as a task has it.
    """
    told = told if isinstance(told, dict) else {}
    named = (
        {"rubric__uid": told.get("uid"), "number": told.get("number")} if told.get("uid") else {"pk": told.get("id")}
    )
    try:
        pk = RubricVersion.objects.filter(rubric__project=project, **named).values_list("pk", flat=True).first()
    except (ValidationError, ValueError, TypeError):
        return None
    if pk is None:
        return None
    found = with_items([pk])[pk]
    categories = [
        {"name": category.name, "items": [_to_score(item) for item in category.items.all() if not item.retired]}
        for category in found.categories.all()
    ]
    named = {"uid": str(found.rubric.uid), "name": found.rubric.name, "number": found.number}
    return {**named, "categories": categories}


def _to_score(item: RubricItem) -> dict:
    checked = item.kind == RubricItem.Kind.VERIFIABLE
    return {"key": str(item.key), "text": item.text, "weight": item.weight, "checked": checked}


def frozen(version: RubricVersion) -> dict:
    """What a snapshot keeps of a version: everything a run needs, nothing of who wrote it or when."""
    told = form.document(categories_of(version))
    return {"format": 1, "rubric": version.rubric.name, "version": version.number, "note": version.note, **told}
