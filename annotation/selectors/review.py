"""What waits for somebody to decide."""

from django.db.models import Count, Q

from annotation.models import Item, Project
from annotation.selectors.labelling import topic

AT_ONCE = 100


def to_decide(project: Project) -> dict:
    """Items at odds that nobody else is asked about, oldest first, and how many there are; two queries."""
    waiting = Item.objects.filter(project=project, published=True, at_odds=True, open_slots=0, put_aside=False)
    answers = Count("judgments", filter=Q(judgments__withdrawn=False, judgments__outcome="answer"))
    rows = list(waiting.select_related("prompt").annotate(answers=answers).order_by("pk")[:AT_ONCE])
    for row in rows:
        row.topic = topic(row.prompt.messages)
    return {"items": rows, "count": waiting.count()}
