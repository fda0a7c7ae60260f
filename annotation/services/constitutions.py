"""Constitutions and their versions."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction

from annotation.errors import Refused
from annotation.judging import principles
from annotation.models import Constitution, ConstitutionVersion, Project
from annotation.services.audit import record


@transaction.atomic
def create_constitution(
    project: Project, *, by, name: str, rows: Sequence[dict], description: str = "", change_note: str = ""
) -> Constitution:
    """A constitution with its first version. Raises Refused, with every problem, for principles that do not read."""
    read = _read(rows)
    try:
        with transaction.atomic():
            constitution = Constitution.objects.create(
                project=project, name=name, description=description, created_by=by
            )
    except IntegrityError:
        raise Refused(f"There is a constitution called “{name}” already. Choose another name.", code="taken") from None
    _add(constitution, 1, read, by=by, change_note=change_note or "First version")
    record(project, by=by, action="constitution.create", target=constitution, after={"principles": len(read)})
    return constitution


@transaction.atomic
def add_constitution_version(
    constitution: Constitution, *, by, rows: Sequence[dict], change_note: str = ""
) -> ConstitutionVersion:
    """A new version. Unchanged principles are no version. Raises Refused."""
    # The row of the constitution is what two editors wait for, so that numbers never repeat.
    Constitution.objects.select_for_update().get(pk=constitution.pk)
    versions = list(constitution.versions.order_by("-number"))
    newest = versions[0] if versions else None
    read = _read(rows, {one["key"] for version in versions for one in version.principles})
    if newest and newest.principles == [one.as_dict() for one in read]:
        raise Refused("Nothing was changed, so there is no new version.", code="unchanged")
    made = _add(constitution, newest.number + 1 if newest else 1, read, by=by, change_note=change_note)
    after = {"version": made.number, "principles": len(read), "note": change_note}
    record(constitution.project_id, by=by, action="constitution.version", target=constitution, after=after)
    return made


def _add(constitution: Constitution, number: int, read, *, by, change_note: str) -> ConstitutionVersion:
    return ConstitutionVersion.objects.create(
        constitution=constitution,
        number=number,
        principles=[one.as_dict() for one in read],
        change_note=change_note,
        created_by=by,
    )


def _read(rows: Sequence[dict], taken: Collection[str] = ()) -> list[principles.Principle]:
    found = principles.read(rows, taken)
    if found.problems:
        raise Refused(
            "; ".join(f"{one['path']}: {one['message']}" for one in found.problems),
            code="principles",
            problems=found.problems,
        )
    return found.principles
