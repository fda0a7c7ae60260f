"""Messages to token ids: the chat template is rendered and tokenised in one go, once.

The end of the prompt is the longest common beginning of prompt and whole conversation, because a tokenizer may merge
over the border and a template may rewrite what came before; how often that happened is counted. Every completion ends
with exactly one end token: what a template puts behind it (ChatML's newline) is cut, so that training, scoring and
sampling all see the same end; where a template has none, the tokenizer's end of sequence is added.
"""

import dataclasses
from typing import Any

import transformers

# For tokenizers that bring no template: a header line for each turn, and the end of sequence behind an answer.
PLAIN_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '### ' + message['role'] + '\\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% else %}{{ '\\n' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '### assistant\\n' }}{% endif %}"
)

Messages = list[dict[str, str]]


@dataclasses.dataclass(frozen=True)
class Turn:
    """A completion in its place. `clean` is False when the prompt was not a beginning of the whole."""

    prompt: list[int]
    completion: list[int]
    clean: bool = True


class Encoder:
    """One tokenizer and its template."""

    def __init__(self, tokenizer: transformers.PreTrainedTokenizerBase):
        self.tokenizer = tokenizer
        if not tokenizer.chat_template:
            tokenizer.chat_template = PLAIN_TEMPLATE
        self.ends = self._ends()

    @property
    def pad(self) -> int:
        """An id to fill up with. Masks say what is real, so it may well be the end of sequence."""
        tokenizer = self.tokenizer
        return tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id

    def prompt(self, messages: Messages) -> list[int]:
        return self._ids(messages, add_generation_prompt=True)

    def continued(self, messages: Messages, text: str) -> list[int]:
        """The prompt and the beginning of an answer, tokenised in one go; nothing closes the answer."""
        return self._ids(messages, add_generation_prompt=True, then=text)

    def turn(self, prompt: Messages, completion: Messages) -> Turn:
        """Prompt and completion ids; the completion's end token is its last."""
        before = self.prompt(prompt)
        whole = self._ids(prompt + completion, add_generation_prompt=False)
        border = _common(before, whole)
        return Turn(whole[:border], self._ended(whole[border:]), clean=border == len(before))

    def completion_text(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=True)

    def recipe(self) -> dict[str, Any]:
        """How text became tokens, for a checkpoint's meta: a reward model must be fed as it was trained."""
        return {
            "chat_template": self.tokenizer.chat_template,
            "ends": sorted(self.ends),
            "pad": self.pad,
            "adds_special_tokens": False,
        }

    def _ids(self, messages: Messages, *, add_generation_prompt: bool, then: str = "") -> list[int]:
        text = self.tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=add_generation_prompt
        )  # fmt: skip
        return list(self.tokenizer(text + then, add_special_tokens=False)["input_ids"])

    def _ended(self, ids: list[int]) -> list[int]:
        """Cut behind the last end token when only white space follows it; add one where there is none."""
        for index in range(len(ids) - 1, -1, -1):
            if ids[index] in self.ends:
                return ids[: index + 1]
            if self.tokenizer.decode([ids[index]]).strip():
                break
        return [*ids, self.tokenizer.eos_token_id]

    def _ends(self) -> frozenset[int]:
        """The end of sequence, and the special token with which the template closes an answer, if another."""
        special = set(self.tokenizer.all_special_ids) | set(self.tokenizer.added_tokens_decoder)
        tail = self._ids(
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], add_generation_prompt=False
        )
        while tail and not self.tokenizer.decode(tail[-1:]).strip():
            tail.pop()
        closing = {tail[-1]} if tail and tail[-1] in special else set()
        return frozenset({self.tokenizer.eos_token_id} | closing)


def _common(first: list[int], second: list[int]) -> int:
    count = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        count += 1
    return count
