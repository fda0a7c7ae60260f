"""Tasks: making one, changing it, closing it."""

import logging

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from annotation.errors import Refused
from annotation.interfaces import INTERFACES, interface, rubric
from annotation.interfaces.task_settings import InvalidSettings
from annotation.models import Project, Task
from annotation.selectors.rubrics import setting_of
from annotation.services.audit import record
from annotation.services.items import set_overlap
from annotation.services.ranking import ask_for_order

logger = logging.getLogger(__name__)

FIELDS = (
    "title",
    "question",
    "hint",
    "settings",
    "overlap",
    "overlap_most",
    "order",
    "random_share",
    "gold_share",
    "repeat_share",
    "deadline",
    "closed",
)


def create_task(project: Project, *, by, interface: str = "pairwise", queue: str = "", **values) -> Task:
    """A new kind of work. Its queue is `task:<key>`, the key made of the title, unless said.

    Raises Refused for an interface there is not, settings that do not read, or a title that is taken.
    """
    if interface not in INTERFACES:
        raise Refused(f"There is no interface “{interface}”. There are: {', '.join(INTERFACES)}.", code="interface")
    _take_rubric(project, interface, values)
    _check(interface, values)
    values.setdefault("title", INTERFACES[interface].TITLE)
    queue = queue or f"task:{slugify(values['title'])[:60] or interface}"
    try:
        with transaction.atomic():
            task = Task.objects.create(project=project, interface=interface, queue=queue, **values)
            record(project, by=by, action="task.create", target=task, after={"interface": interface, **values})
    except IntegrityError:
        raise Refused(f"A task called “{values['title']}” is there already. Choose another title.",
                      code="taken") from None  # fmt: skip
    logger.info("%s made task %s of project %s", by, queue, project.slug)
    return task


@transaction.atomic
def change_task(task: Task, *, by, **values) -> Task:
    """Change fields of FIELDS. Another overlap goes for the items that wait already, too.

    Answers already given keep the settings that they were given under. Raises Refused as `create_task` does.
    """
    if "settings" in values:
        _take_rubric(task.project, task.interface, values)
    _check(task.interface, values)
    before = {field: getattr(task, field) for field in values}
    if "overlap" in values and values["overlap"] != task.overlap:
        set_overlap(task, overlap=values["overlap"])
    reordered = values.get("order", task.order) != task.order
    for field, value in values.items():
        setattr(task, field, value)
    task.save(update_fields=list(values))
    if reordered:
        ask_for_order(task)
    record(task.project, by=by, action="task.change", target=task, before=before, after=values)
    logger.info("%s changed %s of task %s of project %s", by, ", ".join(values), task.queue, task.project.slug)
    return task


def _take_rubric(project: Project, interface: str, values: dict) -> None:
    """A rubric task is told which version it scores by; what that version holds is ours to say."""
    if interface == rubric.NAME:
        settings = values.get("settings") or {}
        values["settings"] = {**settings, "rubric": setting_of(project, settings.get("rubric"))}


def _check(name: str, values: dict) -> None:
    if unknown := set(values) - set(FIELDS):
        raise TypeError(f"no fields of a task: {', '.join(sorted(unknown))}")
    try:
        interface(name).settings(values.get("settings") or {})
    except InvalidSettings as error:
        problems = [{"path": f"settings.{name}", "message": message} for name, message in error.problems.items()]
        raise Refused(str(error), code="settings", problems=problems) from None
    most = values.get("overlap_most")
    if most is not None and not 1 <= most <= 50:
        raise Refused("At most 1 to 50 people can be asked about an item.", code="overlap")
    for field in ("random_share", "gold_share", "repeat_share"):
        if not 0 <= values.get(field, 0) <= 1:
            raise Refused("A share lies between 0 and 1; 0.1 is a tenth.", code=field)
