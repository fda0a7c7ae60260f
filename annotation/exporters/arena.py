"""Arena battles: two conversations, their models and a winner, a row for each vote on a pair. Pure."""

from collections.abc import Iterator

from annotation.exporters.items import Exported, Voice


def rows(item: Exported) -> Iterator[dict]:
    if item.interface != "pairwise" or len(item.texts) != 2:
        return
    for voice in item.voices:
        winner = _winner(voice)
        if winner is None:
            continue
        order = voice.shown if len(voice.shown) == 2 else (0, 1)
        sides = {}
        for side, place in zip("ab", order, strict=True):
            sides[f"model_{side}"] = item.sources[place]
            answer = {"role": "assistant", "content": item.texts[place]}
            sides[f"conversation_{side}"] = [*item.messages, answer]
        if order[0] == 1:
            winner = {"model_a": "model_b", "model_b": "model_a"}.get(winner, winner)
        yield {
            "question_id": str(item.id),
            **sides,
            "winner": winner,
            "judge": voice.rater,
            "turn": sum(turn["role"] == "user" for turn in item.messages),
            "anony": True,
            "tstamp": voice.at,
            "category": item.category,
        }


def _winner(voice: Voice) -> str | None:
    """In true order."""
    if voice.outcome == "both_bad":
        return "tie (bothbad)"
    if voice.outcome != "answer" or voice.strength is None:
        return None
    return "tie" if voice.strength == 0 else "model_a" if voice.strength > 0 else "model_b"
