"""HelpSteer-like rows: graded pairs with every voice, and edits and ratings in the columns of those sets. Pure.

A grade on a scale of s steps a side becomes one from -3 to 3 by its share of the way, away from 0, so that no
preference becomes a tie. The overall preference is the voices' mean, rounded; where they cancel out it is 0.
"""

from collections.abc import Iterator

from annotation.exporters.items import Exported, Voice

_STEPS = {2: 1, 3: 1, 5: 2, 7: 3, 8: 4}
_MOST = 3


def rows(item: Exported) -> Iterator[dict]:
    answers = [voice for voice in item.voices if voice.outcome == "answer"]
    common = {"domain": item.category, "context": item.messages}
    if item.interface == "pairwise" and len(item.texts) == 2:
        voices = [voice for voice in answers if voice.strength is not None]
        if voices:
            yield {**common, **_pair(item, voices)}
    elif item.interface == "edit":
        for voice in answers:
            edited = {"original_response": item.texts[0], "edited_response": voice.value.get("text", "")}
            yield {**common, **edited, "change_summary": voice.comment}


def _pair(item: Exported, voices: list[Voice]) -> dict:
    scores = [preference(voice.strength, voice.scale) for voice in voices]
    mean = sum(scores) / len(scores)
    return {
        "response1": item.texts[0],
        "response2": item.texts[1],
        "overall_preference": _rounded(mean),
        "individual_preference": [
            {"score": score, "reasoning": voice.comment, "rater": voice.rater}
            for voice, score in zip(voices, scores, strict=True)
        ],
    }


def preference(strength: int, scale: int | None) -> int:
    """From -3, the first is much better, to 3, the second is."""
    steps = _STEPS.get(scale or 2, 4)
    share = abs(strength) / steps
    size = 0 if strength == 0 else max(1, _rounded(share * _MOST))
    return -size if strength > 0 else size


def _rounded(number: float) -> int:
    """Half away from zero: 2.5 is 3, -2.5 is -3."""
    return int(abs(number) + 0.5) * (1 if number > 0 else -1)
