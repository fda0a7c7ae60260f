"""What computes: workers as they say themselves, queues, and the disk."""

import shutil

from django.conf import settings
from django.views.decorators.http import require_safe

from annotation.access import GRANTS, Permission, projects_of
from annotation.pages import page_or_part
from training.selectors import machines as selectors
from training.selectors import waiting


@require_safe
def machines(request):
    """For everybody who signed in; what a worker does is shown only of projects whose runs one may see."""
    mine = [row.project_id for row in projects_of(request.user) if Permission.RUN_VIEW in GRANTS[row.role]]

    def table() -> dict:
        usage = shutil.disk_usage(settings.HOME)
        return {
            "rows": selectors.workers(mine),
            "queues": selectors.queues(),
            "disk": {"free": usage.free, "total": usage.total, "path": settings.HOME},
            "low_disk": waiting.low_disk(),
        }

    return page_or_part(request, "training/machines.html", {"machines": table}, section="machines")
