"""Which completion stands where: drawn, and counted for pairs, so that no person's sides end up lopsided."""

from random import SystemRandom

from django.db.models import F

from annotation.assignment import draw_order
from annotation.models import Rater

_chance = SystemRandom()


def draw_sides(rater: Rater, count: int) -> list[int]:
    """True indices in the order to show, balanced against what this person was shown so far."""
    order = draw_order(count, rater.left_count, rater.right_count, _chance)
    if count == 2:
        side = "left_count" if order[0] == 0 else "right_count"
        Rater.objects.filter(pk=rater.pk).update(**{side: F(side) + 1})
    return order
