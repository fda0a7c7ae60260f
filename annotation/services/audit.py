"""The audit log: whoever changes a project says so here, in the transaction of the change."""

from annotation.audit_words import changed, target_of
from annotation.models import AuditEntry, Project


def record(
    project: Project | int, *, by, action: str, target=None, before: dict | None = None, after: dict | None = None
) -> AuditEntry | None:
    """Write one entry. Called by the service that makes the change, before it returns.

    `by` is a user, or None for the site itself; `target` a row or words. Where `before` and `after` are both given only
    what differs is kept, and nothing is written if nothing does. Secrets do not belong here: everything that is said
    can be read by every lead.
    """
    old, new = changed(before, after)
    if before is not None and after is not None and not old and not new:
        return None
    words, key = target_of(target)
    return AuditEntry.objects.create(
        project_id=project if isinstance(project, int) else project.pk,
        by=by,
        by_name=by.get_username() if by is not None else "",
        action=action,
        target=words,
        target_key=key,
        before=old,
        after=new,
    )
