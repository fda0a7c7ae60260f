"""Projects, the versions of their guide, and their settings."""

import logging
import re

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from annotation.errors import Refused
from annotation.models import Instruction, Membership, Project, Role
from annotation.services.audit import record
from annotation.services.tasks import create_task

logger = logging.getLogger(__name__)

FIRST_GUIDE = """\
## What to judge

Read the conversation, then both replies. Which one would help the person more?

1. **Right before pretty.** A false statement outweighs good style.
2. **Do what was asked.** Nothing missing, nothing that nobody asked for.
3. **Length is not quality.** Prefer the shorter of two replies that say the same.

If both are unusable, say so with “both bad”. If you cannot judge the subject, skip: it costs you nothing.
"""
SETTINGS = ("name", "description", "lease_seconds", "sitting_goal", "reveal", "pay", "pay_unit", "pay_currency")


@transaction.atomic
def create_project(
    *, by, name: str, slug: str = "", guide: str = FIRST_GUIDE, task: dict | None = None, **settings
) -> Project:
    """A new project with `by` as its lead, the first version of its guide and its first task.

    `settings` are fields of SETTINGS, `task` says what differs from pairs on eight steps (services.tasks). Raises
    PermissionDenied without the site permission, Refused if the address is taken.
    """
    if not by.has_perm("annotation.create_project"):
        raise PermissionDenied("Creating projects is a permission of its own; an administrator can give it to you.")
    project = Project(created_by=by, name=name, slug=slug or _free_slug(name), **_known(settings))
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError:
        raise Refused(f"Another project has the address “{project.slug}”. Choose another one.", code="taken") from None
    Membership.objects.create(project=project, user=by, role=Role.LEAD)
    record(project, by=by, action="project.create", target=project, after={"slug": project.slug, "name": project.name})
    create_task(project, by=by, queue="label", **(task or {}))
    add_instruction(project, by=by, text=guide, change_note="First version")
    return project


@transaction.atomic
def change_settings(project: Project, *, by, **settings) -> Project:
    """Change fields of SETTINGS."""
    before = {field: getattr(project, field) for field in _known(settings)}
    for field, value in settings.items():
        setattr(project, field, value)
    project.save(update_fields=list(settings))
    record(project, by=by, action="settings.change", target=project, before=before, after=settings)
    logger.info("%s changed %s of project %s", by, ", ".join(settings), project.slug)
    return project


@transaction.atomic
def add_instruction(project: Project, *, by, text: str, change_note: str = "") -> Instruction:
    """A new version of the guide. An unchanged text is not a version."""
    # The row of the project is what two editors wait for, so that numbers never repeat.
    Project.objects.select_for_update().get(pk=project.pk)
    newest = project.instructions.order_by("-number").first()
    if newest and newest.text == text:
        raise Refused("Nothing was changed, so there is no new version.", code="unchanged")
    made = Instruction.objects.create(
        project=project,
        number=newest.number + 1 if newest else 1,
        text=text,
        change_note=change_note,
        created_by=by,
    )
    before = {"version": newest.number, "text": newest.text} if newest else None
    after = {"version": made.number, "text": text, "note": change_note}
    record(project, by=by, action="guide.add", target=f"Guide {made.number}", before=before, after=after)
    return made


def _known(settings: dict) -> dict:
    if unknown := set(settings) - set(SETTINGS):
        raise TypeError(f"no settings of a project: {', '.join(sorted(unknown))}")
    return settings


def _free_slug(name: str) -> str:
    """An address made of the name; numbered where it is taken."""
    base = slugify(name)[:50] or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    if base not in taken:
        return base
    stem = re.compile(rf"{re.escape(base)}-(\d+)$")
    numbers = [int(found[1]) for slug in taken if (found := stem.match(slug))]
    return f"{base}-{max(numbers, default=1) + 1}"
