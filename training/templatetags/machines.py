"""`{% machines_of user %}`: the workers as the first page shows them."""

from django import template

from annotation.access import GRANTS, Permission, projects_of
from training.selectors import waiting
from training.selectors.machines import workers

register = template.Library()


@register.inclusion_tag("training/machines_section.html")
def machines_of(user) -> dict:
    """What a worker does is shown only of projects whose runs one may see."""
    mine = [row.project_id for row in projects_of(user) if Permission.RUN_VIEW in GRANTS[row.role]]
    return {"rows": workers(mine), "low_disk": waiting.low_disk()}
