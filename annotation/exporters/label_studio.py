"""Label Studio tasks with their annotations: what its import takes, one task a row of a JSON list. Pure.

Its import knows annotators by their email there, and refuses strangers; so who said it stands in `meta`, and its
imported annotations belong to whoever imports them. AI judges become predictions. Beside the tasks goes the labelling
configuration that shows them.
"""

from collections.abc import Iterator

from annotation.exporters.items import Exported, Voice, asked

CONFIG = """\
<View>
  <Text name="prompt" value="$prompt"/>
  <View style="display: flex; gap: 1em;">
    <Text name="answer1" value="$answer1"/>
    <Text name="answer2" value="$answer2"/>
  </View>
  <Pairwise name="better" toName="answer1,answer2"/>
  <Choices name="verdict" toName="prompt"><Choice value="tie"/><Choice value="both bad"/></Choices>
  <Rating name="overall" toName="answer1" maxRating="5"/>
  <Choices name="thumb" toName="answer1"><Choice value="good"/><Choice value="bad"/></Choices>
  <List name="list" value="$answers"/>
  <Ranker name="ranking" toName="list"/>
  <TextArea name="edited" toName="answer1"/>
  <TextArea name="comment" toName="prompt"/>
</View>
"""


def rows(item: Exported) -> Iterator[dict]:
    data: dict = {"prompt": asked(item.messages), "item": item.id, "interface": item.interface}
    if item.category:
        data["category"] = item.category
    if item.interface == "ranking":
        data["answers"] = [{"id": f"answer{n}", "body": text} for n, text in enumerate(item.texts, start=1)]
    elif item.interface != "demonstration":
        data.update({f"answer{n}": text for n, text in enumerate(item.texts, start=1)})
    people = [voice for voice in item.voices if voice.kind != "judge"]
    judges = [voice for voice in item.voices if voice.kind == "judge"]
    yield {
        "id": item.id,
        "data": data,
        "annotations": [_annotation(item, voice) for voice in people],
        "predictions": [
            {"model_version": voice.rater, "result": _result(item, voice), "score": voice.value.get("score")}
            for voice in judges
        ],
    }


def _annotation(item: Exported, voice: Voice) -> dict:
    made = {
        "id": voice.id,
        "result": _result(item, voice),
        "was_cancelled": voice.outcome in ("skip", "broken"),
        "ground_truth": False,
        "created_at": voice.at,
        "meta": {"rater": voice.rater, "reason": voice.reason, "judgment": voice.id},
    }
    return made if voice.active_ms is None else {**made, "lead_time": voice.active_ms / 1000}


def _result(item: Exported, voice: Voice) -> list[dict]:
    if voice.outcome in ("skip", "broken"):
        return []
    say = _SAID.get(item.interface)
    made = _both_bad() if voice.outcome == "both_bad" else say(item, voice) if say else []
    if voice.comment:
        made.append(_region("comment", "prompt", "textarea", {"text": [voice.comment]}))
    return made


def _region(control: str, about: str, kind: str, value: dict) -> dict:
    return {"id": f"{control}-{about}", "from_name": control, "to_name": about, "type": kind, "value": value}


def _both_bad() -> list[dict]:
    return [_region("verdict", "prompt", "choices", {"choices": ["both bad"]})]


def _pair(_item: Exported, voice: Voice) -> list[dict]:
    if not voice.strength:
        return [_region("verdict", "prompt", "choices", {"choices": ["tie"]})]
    side = "left" if voice.strength > 0 else "right"
    value = {"selected": side, "strength": voice.strength, "scale": voice.scale}
    return [_region("better", "answer1", "pairwise", value)]


def _ranking(_item: Exported, voice: Voice) -> list[dict]:
    ranks = voice.value.get("ranks")
    if not ranks:
        return _both_bad()
    best_first = sorted(range(len(ranks)), key=lambda place: (ranks[place], place))
    value = {"ranker": {"rank": [f"answer{place + 1}" for place in best_first]}, "ranks": ranks}
    return [_region("ranking", "list", "ranker", value)]


def _thumb(_item: Exported, voice: Voice) -> list[dict]:
    return [_region("thumb", "answer1", "choices", {"choices": ["good" if voice.value.get("label") else "bad"]})]


def _ratings(_item: Exported, voice: Voice) -> list[dict]:
    scale = voice.value.get("scale")
    ratings = voice.value.get("ratings") or {}
    return [_region(name, "answer1", "rating", {"rating": n, "scale": scale}) for name, n in ratings.items()]


def _text(control: str):
    def said(_item: Exported, voice: Voice) -> list[dict]:
        return [_region(control, "answer1", "textarea", {"text": [voice.value.get("text", "")]})]

    return said


_SAID = {
    "pairwise": _pair,
    "ranking": _ranking,
    "thumbs": _thumb,
    "likert": _ratings,
    "edit": _text("edited"),
    "demonstration": _text("demonstration"),
}
