"""Talking with live models on the labelling page: JSON in, the talk as it stands out."""

from django.template.loader import render_to_string

from annotation.access import Permission
from annotation.interfaces.chat import sentence_of_turn
from annotation.selectors.chats import Side, Standing, finished
from annotation.services import chats
from annotation.views.calls import call, uuid_in


@call
def look(request, project, body: dict) -> dict:
    """How the talk stands; the page asks again and again while it waits."""
    return _told(request, project, body)


@call
def say(request, project, body: dict) -> dict:
    chats.say(
        project,
        by=request.user,
        token=uuid_in(body, "token"),
        submission=uuid_in(body, "submission"),
        text=str(body.get("text") or ""),
    )
    return _told(request, project, body)


@call
def choose(request, project, body: dict) -> dict:
    chats.choose(
        project,
        by=request.user,
        token=uuid_in(body, "token"),
        number=_whole(body, "turn"),
        grade=_whole(body, "grade"),
        alone=body.get("alone") is True,
    )
    return _told(request, project, body)


@call
def back(request, project, body: dict) -> dict:
    """Undo the last step. `text` is the message that was taken back."""
    text = chats.take_back(
        project,
        by=request.user,
        token=uuid_in(body, "token"),
        number=_whole(body, "turn"),
        chosen=body.get("chosen") is True,
    )
    return _told(request, project, body) | {"text": text}


@call
def again(request, project, body: dict) -> dict:
    chats.ask_again(project, by=request.user, token=uuid_in(body, "token"), number=_whole(body, "turn"))
    return _told(request, project, body)


def _whole(body: dict, name: str) -> int:
    value = body.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _told(request, project, body: dict) -> dict:
    talk = chats.look(project, by=request.user, token=uuid_in(body, "token"))
    last = talk.open or (talk.turns[-1] if talk.turns else None)
    turns = [(turn, finished(turn)) for turn in talk.turns]
    return {
        "stage": talk.stage,
        "may_end": talk.may_end,
        "turns": len(talk.turns),
        "most_turns": talk.settings.most_turns,
        "html": render_to_string(
            "annotation/label/chat_turns.html",
            {"turns": [(turn, done, sentence_of_turn(done)) for turn, done in turns], "open": talk.open},
        ),
        "sides": [_side(side, talk, project) for side in talk.sides],
        "last": {"turn": last.number, "chosen": last.chosen is not None} if last else None,
        "idle_after_seconds": talk.idle_after_seconds,
    }


def _side(side: Side, talk: Standing, project) -> dict:
    told = {"letter": side.letter, "state": side.state, "text": side.text, "words": side.words}
    if side.why and Permission.PROJECT_MANAGE.name in project.may:
        told["why"] = side.why
    if side.state == "done":
        told["html"] = render_to_string("annotation/label/chat_response.html", {"text": side.text})
    return told
