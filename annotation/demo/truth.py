"""The true quality of any reply to a question of the world, also of one that a model wrote freely.

quality = readable * (0.5 correct + 0.25 polite + 0.25 brief), each part in [0, 1]:

correct   1 for the right answer alone; shared when the reply names several; halved when it speaks of another subject;
          0.2 for honest doubt; 0 for a wrong answer or none
polite    0.5 plain, 1 with a kind word, 0 with a rude one
brief     1 up to 20 words, falling to 0 at 55; a reply of fewer than 3 words is curt: 0.5
readable  falls when words are not words, when sentences repeat, or when the reply never ends a sentence
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from annotation.demo.arithmetic import MEASURES, NUMBERS, THINGS, Sum, understand_number
from annotation.demo.english import COMMON
from annotation.demo.facts import MONTHS, TOPICS, possible_answers
from annotation.demo.phrases import DOUBT, PADDING, POLITE_ENDINGS, POLITE_OPENINGS, RUDE
from annotation.demo.questions import Question, understand
from annotation.demo.replies import SUM_ADVICE, SUM_FRAMES

WEIGHTS = {"correct": 0.5, "polite": 0.25, "brief": 0.25}
BRIEF_WORDS, ENDLESS_WORDS, CURT_WORDS = 20, 55, 3
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+")
_DIGITS = re.compile(r"\d+")
_SPELLED = re.compile(rf"\b(?:{'|'.join(NUMBERS[2:])})\b", re.IGNORECASE)  # "one" is mostly no number in a sentence
_KIND = re.compile(
    r"\b(thank|thanks|please|glad|happy|pleasure|good luck|i hope|of course|enjoy|i wish|how nice|good question|"
    r"let me know|welcome|sorry)\b",
    re.IGNORECASE,
)
_DOUBTFUL = re.compile(r"\b(do not know|don't know|not sure|cannot say|can't say|no idea)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Quality:
    """The parts, and the whole as `value`."""

    correct: float
    polite: float
    brief: float
    readable: float

    @property
    def value(self) -> float:
        return self.readable * sum(weight * getattr(self, part) for part, weight in WEIGHTS.items())


def read_prompt(prompt: str) -> Question | Sum:
    """What a prompt of the world asks. Raises ValueError for any other prompt: it has no truth here."""
    question = understand_number(prompt) or understand(prompt)
    if question is None:
        raise ValueError(f"Not a question of the demo world: {prompt!r}")
    return question


def quality(prompt: str, reply: str) -> Quality:
    """The true quality of `reply` with its parts. Deterministic; any text is a reply."""
    words = _WORD.findall(reply)
    return Quality(
        correct=_correct(read_prompt(prompt), reply),
        polite=_polite(reply),
        brief=_brief(len(words)),
        readable=_readable(reply, [word.lower() for word in words]),
    )


def true_quality(prompt: str, reply: str) -> float:
    """One number in [0, 1]."""
    return quality(prompt, reply).value


def exact_answer(prompt: str, reply: str) -> bool | None:
    """Whether the last number of the reply is the answer of a checkable prompt; None for other prompts."""
    question = understand_number(prompt)
    return None if question is None else _last_number(reply) == question.value


def _correct(question: Question | Sum, reply: str) -> float:
    if isinstance(question, Sum):
        number = _last_number(reply)
        if number is None:
            return 0.2 if _DOUBTFUL.search(reply) else 0.0
        return float(number == question.value)
    named = {answer for answer, pattern in _answer_patterns(question.topic.name) if pattern.search(reply)}
    if not named:
        return 0.2 if _DOUBTFUL.search(reply) else 0.0
    score = 1 / len(named) if question.answer in named else 0.0
    return score / 2 if _speaks_of_another(question, reply) else score


def _last_number(reply: str) -> int | None:
    """The last one written in digits, as a verifier reads it; else the last one written as a word."""
    if digits := _DIGITS.findall(reply):
        return int(digits[-1][:9])
    spelled = _SPELLED.findall(reply)
    return NUMBERS.index(spelled[-1].lower()) if spelled else None


def _speaks_of_another(question: Question, reply: str) -> bool:
    named = {subject for subject, pattern in _subject_patterns(question.topic.name) if pattern.search(reply)}
    return bool(named) and question.subject not in named


def _polite(reply: str) -> float:
    if _rude_pattern().search(reply):
        return 0.0
    return 1.0 if _KIND.search(reply) else 0.5


def _brief(count: int) -> float:
    if count < CURT_WORDS:
        return 0.5
    return min(1.0, max(0.0, (ENDLESS_WORDS - count) / (ENDLESS_WORDS - BRIEF_WORDS)))


def _readable(reply: str, words: list[str]) -> float:
    if not words:
        return 0.0
    known = sum(word in _lexicon() or (word.isdigit() and len(word) < 5) for word in words) / len(words)
    symbols = len(re.findall(r"[^\w\s.,;:?!'\"()-]", reply)) / len(words)
    pairs = list(pairwise(words))
    fresh = len(set(pairs)) / len(pairs) if pairs else 1.0
    ended = 1.0 if reply.rstrip().endswith((".", "!", "?")) else 0.8
    return _ramp(known, 0.5, 0.95) * _ramp(fresh, 0.3, 0.8) * max(0.0, 1 - symbols) * ended


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


@cache
def _answer_patterns(topic_name: str) -> list[tuple[str, re.Pattern]]:
    topic = next(topic for topic in TOPICS if topic.name == topic_name)
    answers = possible_answers(topic)
    flags = re.NOFLAG if answers is MONTHS else re.IGNORECASE  # "may" is no month
    return [(answer, re.compile(rf"\b{re.escape(topic.key(answer))}\b", flags)) for answer in answers]


@cache
def _subject_patterns(topic_name: str) -> list[tuple[str, re.Pattern]]:
    topic = next(topic for topic in TOPICS if topic.name == topic_name)
    return [(subject, re.compile(rf"\b{re.escape(subject)}\b", re.IGNORECASE)) for subject in topic.facts]


@cache
def _rude_pattern() -> re.Pattern:
    phrases = [re.escape(phrase.rstrip(".")) for phrase in RUDE]
    return re.compile("|".join([*phrases, r"\b(silly|stupid|shut up|idiot|bother me)\b"]), re.IGNORECASE)


@cache
def _lexicon() -> frozenset[str]:
    texts = [*DOUBT, *PADDING, *POLITE_ENDINGS, *POLITE_OPENINGS, *RUDE, *SUM_ADVICE, *SUM_FRAMES, *THINGS, *NUMBERS]
    texts += [thing for pair in MEASURES.items() for thing in (pair[0], pair[1][0])]
    for topic in TOPICS:
        texts += [*topic.facts, *topic.answers, *topic.answered, *topic.asked, *topic.advice]
    own = {word.lower() for text in texts for word in _WORD.findall(text)}
    return frozenset(own | COMMON | {month.lower() for month in MONTHS} | {"times"})
