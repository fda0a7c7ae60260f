"""Talks with live models by API: say something, look until the responses are there, choose, rate.

The rating at the end is an answer like any other (`label/<token>/` with `outcome: answer` and `rating`).
"""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from annotation.access import Permission
from annotation.api.calls import ProjectCall
from annotation.interfaces.chat import sentence_of_turn
from annotation.selectors.chats import Standing, finished
from annotation.services import chats


class ChatTurnRow(serializers.Serializer):
    turn = serializers.IntegerField()
    said = serializers.CharField()
    response = serializers.CharField(help_text="The one that the talk went on with.")
    words = serializers.CharField(help_text="What was chosen, such as “B slightly better”.")


class ChatSideRow(serializers.Serializer):
    letter = serializers.CharField(help_text="A stands left.")
    state = serializers.ChoiceField(choices=["waiting", "writing", "done", "failed"])
    text = serializers.CharField(help_text="As much as there is.")
    words = serializers.CharField(help_text="What stands in the way, if it takes long or failed.")


class ChatLastStep(serializers.Serializer):
    turn = serializers.IntegerField()
    chosen = serializers.BooleanField()


class ChatTalkRow(serializers.Serializer):
    stage = serializers.ChoiceField(
        choices=["write", "wait", "choose", "broken", "over"],
        help_text="Say something; look again; choose; a response is missing; rate it.",
    )
    may_end = serializers.BooleanField(help_text="Whether it may be rated now.")
    turns = ChatTurnRow(many=True)
    sides = ChatSideRow(many=True, help_text="The responses of the turn that is open.")
    last = ChatLastStep(allow_null=True, help_text="What `back/` takes.")


class ChatMessage(serializers.Serializer):
    submission = serializers.UUIDField(help_text="Made by you: a message sent twice is said once.")
    text = serializers.CharField(trim_whitespace=False)


class ChatChoiceMade(serializers.Serializer):
    turn = serializers.IntegerField(min_value=1)
    grade = serializers.IntegerField(required=False, allow_null=True, default=None, help_text="Of the task's scale.")
    alone = serializers.BooleanField(default=False, help_text="Go on with the only response that came.")


class ChatTurnName(serializers.Serializer):
    turn = serializers.IntegerField(min_value=1)


class ChatCall(ProjectCall):
    needs = {"POST": Permission.LABEL}

    def told(self, request, token) -> Response:
        talk: Standing = chats.look(self.project, by=request.user, token=token)
        last = talk.open or (talk.turns[-1] if talk.turns else None)
        turns = [(turn, finished(turn)) for turn in talk.turns]
        row = {
            "stage": talk.stage,
            "may_end": talk.may_end,
            "turns": [
                {"turn": turn.number, "said": turn.said, "response": done.text, "words": sentence_of_turn(done)[0]}
                for turn, done in turns
            ],
            "sides": talk.sides,
            "last": {"turn": last.number, "chosen": last.chosen is not None} if last else None,
        }
        return Response(ChatTalkRow(row).data)


class ChatTalk(ChatCall):
    needs = {"GET": Permission.LABEL, "POST": Permission.LABEL}

    @extend_schema(operation_id="chat_look", responses={200: ChatTalkRow})
    def get(self, request, slug, token):
        """How the talk stands. Look again while its stage is `wait`."""
        return self.told(request, token)

    @extend_schema(operation_id="chat_say", request=ChatMessage, responses={200: ChatTalkRow})
    def post(self, request, slug, token):
        """Say something; every model of the task answers."""
        chats.say(self.project, by=request.user, token=token, **self.asked(ChatMessage))
        return self.told(request, token)


class ChatChoice(ChatCall):
    @extend_schema(operation_id="chat_choose", request=ChatChoiceMade, responses={200: ChatTalkRow})
    def post(self, request, slug, token):
        """Say which response is better; the talk goes on with it."""
        asked = self.asked(ChatChoiceMade)
        chats.choose(self.project, by=request.user, token=token, number=asked.pop("turn"), **asked)
        return self.told(request, token)


class ChatBack(ChatCall):
    @extend_schema(operation_id="chat_back", request=ChatLastStep, responses={200: ChatTalkRow})
    def post(self, request, slug, token):
        """Undo the last step: the choice, else the message. If the last step is another by now, nothing happens."""
        asked = self.asked(ChatLastStep)
        chats.take_back(self.project, by=request.user, token=token, number=asked["turn"], chosen=asked["chosen"])
        return self.told(request, token)


class ChatAgain(ChatCall):
    @extend_schema(operation_id="chat_again", request=ChatTurnName, responses={200: ChatTalkRow})
    def post(self, request, slug, token):
        """Ask the models again whose response failed."""
        chats.ask_again(self.project, by=request.user, token=token, number=self.asked(ChatTurnName)["turn"])
        return self.told(request, token)
