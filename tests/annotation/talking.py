"""A chat task with live models behind a real server, and somebody who talks to them."""

from annotation.models import ChatAnswer, GenerationRequest, Item, Task
from annotation.services import chats, endpoint_answers
from annotation.services.items import create_items
from annotation.services.labelling import hand_out
from tests.factories import make_endpoint, make_prompt, make_task


def chat_task(project, endpoint_server, models=("steady", "steady"), **settings) -> Task:
    """A task whose models behave as tests/endpoint_server.py says by name."""
    endpoints = [
        make_endpoint(
            project, base_url=endpoint_server.base_url, model=model, name=f"{model} {number}", timeout_seconds=2
        )
        for number, model in enumerate(models)
    ]
    uids = dict(zip(("first", "second"), (str(row.source.uid) for row in endpoints), strict=False))
    return make_task(
        project, interface="chat", title="Chats", question="Which response is better?", settings=uids | settings
    )


def chat_item(task: Task, topic: str = "magpies", system: str = "") -> Item:
    before = [{"role": "system", "content": system}] if system else []
    prompt = make_prompt(task.project, messages=[*before, {"role": "user", "content": topic}])
    [item] = create_items(task.project, rows=[(prompt, [])], queue=task.queue)
    return item


class Talker:
    """Somebody at one item: says, waits, chooses."""

    def __init__(self, task: Task, user):
        self.project, self.user = task.project, user
        self.lease = hand_out(task.project, by=user, queue=task.queue).lease

    @property
    def who(self) -> dict:
        return {"by": self.user, "token": self.lease.token}

    def say(self, text: str, **more):
        from uuid import uuid4

        return chats.say(self.project, **self.who, submission=more.get("submission") or uuid4(), text=text)

    def answer(self, *indices: int) -> None:
        """Workers take what waits: of all models, or of those at these true indices."""
        answers = ChatAnswer.objects.filter(turn__session__assignment=self.lease)
        for answer in answers.filter(index__in=indices or (0, 1)).order_by("pk"):
            if answer.request.state == GenerationRequest.State.QUEUED:
                endpoint_answers.fulfil(answer.request_id)

    def choose(self, grade: int | None = None, **more) -> None:
        number = self.look().open.number if self.look().open else len(self.look().turns)
        chats.choose(self.project, **self.who, number=number, grade=grade, **more)

    def look(self):
        return chats.look(self.project, **self.who)

    def turn(self, text: str, grade: int) -> None:
        self.say(text)
        self.answer()
        self.choose(grade)
