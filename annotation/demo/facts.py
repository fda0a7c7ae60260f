"""What is true in the world: every topic, and the answers that are answers even where no fact of ours has them."""

from annotation.demo.garden import PESTS, PICKING, SOWING, WATERING, WEATHER
from annotation.demo.topic import Topic
from annotation.demo.village import NEIGHBOURS, STAINS, TOOLS

TOPICS = (SOWING, PICKING, WATERING, TOOLS, PESTS, STAINS, NEIGHBOURS, WEATHER)
_YEAR = "January February March April May June July August September October November December"
MONTHS = tuple(_YEAR.split())
OFTEN = ("every day", "every other day", "twice a week", "once a week")


def possible_answers(topic: Topic) -> tuple[str, ...]:
    """Everything that would be an answer, right or wrong: every month of the year, not only those of the table."""
    if topic in (SOWING, PICKING):
        return MONTHS
    return OFTEN if topic is WATERING else topic.answers
