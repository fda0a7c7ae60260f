"""Messages to tokens: one rendering, the right border, exactly one end."""

import pytest
import torch

from tests.engine import tiny
from training.engine.chat import PLAIN_TEMPLATE, Encoder
from training.engine.collate import pad_left, pad_right
from training.engine.errors import EngineError
from training.engine.preparation import prepare
from training.engine.training_settings import TrainingSettings

CHATML = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
FORGETFUL = (  # rewrites what came before, as templates that drop earlier thoughts do
    "{% for message in messages %}{% if loop.last or message['role'] != 'user' %}"
    "{{ '<|' + message['role'] + '|>' + message['content'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def turn(template=tiny.TEMPLATE, prompt="Hello", answer="Blue is fine.", **options):
    encoder = Encoder(tiny.tokenizer(template=template, **options))
    return encoder, encoder.turn(tiny.user(prompt), tiny.assistant(answer))


def texts(encoder, made):
    return encoder.tokenizer.decode(made.prompt), encoder.tokenizer.decode(made.completion)


def test_border_and_end():
    encoder, made = turn()
    assert texts(encoder, made) == ("<|user|>Hello<|assistant|>", "Blue is fine.<|end|>")
    assert made.clean
    assert made.prompt == encoder.prompt(tiny.user("Hello"))


def test_what_a_template_puts_behind_the_end_is_cut():
    encoder, made = turn(CHATML)
    assert texts(encoder, made)[1] == "Blue is fine.<|end|>"


def test_a_template_without_an_end_gets_one():
    encoder, made = turn(tiny.TEMPLATE.replace("{{ eos_token }}", ""))
    assert texts(encoder, made)[1] == "Blue is fine.<|end|>"


def test_an_end_token_inside_the_prompt_does_not_end_the_completion():
    encoder, made = turn(CHATML)
    assert encoder.tokenizer.eos_token_id in made.prompt
    assert made.completion.count(encoder.tokenizer.eos_token_id) == 1


def test_no_template_gets_the_plain_one():
    encoder, made = turn(None)
    assert encoder.tokenizer.chat_template == PLAIN_TEMPLATE
    assert texts(encoder, made) == ("### user\nHello\n### assistant\n", "Blue is fine.<|end|>")


def test_a_prompt_that_is_not_a_beginning_is_noticed():
    encoder, made = turn(FORGETFUL)
    assert not made.clean
    rows = [{"prompt": tiny.user("Hello"), "completion": tiny.assistant("Blue.")}]
    prepared = prepare(rows, ("completion",), encoder, TrainingSettings())
    assert prepared.reasons == {"prompt is not a beginning of the whole": 1}


def test_padding_that_is_the_end_token_hides_nothing():
    encoder, made = turn(pad=None)
    assert encoder.pad == encoder.tokenizer.eos_token_id
    tokens = pad_right([(made.prompt, made.completion), (made.prompt, made.completion[-1:])], encoder.pad)
    assert tokens.mask.sum(-1).tolist() == [len(made.prompt) + len(made.completion), len(made.prompt) + 1]
    assert tokens.completion.sum(-1).tolist() == [len(made.completion), 1]
    assert tokens.ids[0][tokens.completion[0]].tolist() == made.completion


def test_left_padding():
    ids, mask = pad_left([[1, 2, 3], [4]], 0)
    assert ids.tolist() == [[1, 2, 3], [0, 0, 4]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]
    assert ids.dtype == torch.long


def prepared(truncation, max_length=20, rows=None):
    encoder = Encoder(tiny.tokenizer())
    settings = TrainingSettings(truncation=truncation, max_length=max_length)
    made = rows or tiny.pairs(6)
    return prepare(made, ("chosen", "rejected"), encoder, settings), encoder


def test_too_long_is_dropped_and_counted():
    made, _encoder = prepared("drop", 34)
    assert made.dropped + len(made.rows) == 6
    assert made.dropped > 0
    assert all(row.length <= 34 for row in made.rows)


def test_too_long_is_cut_and_counted():
    made, encoder = prepared("truncate", 34)
    assert made.truncated > 0
    assert len(made.rows) == 6
    assert max(row.length for row in made.rows) == 34
    assert any(row.turns[0].completion[-1] not in encoder.ends for row in made.rows)


def test_a_prompt_that_leaves_no_room_is_dropped_even_when_cutting():
    made, _encoder = prepared("truncate", 10)
    assert made.reasons == {"prompt alone is too long": 6}
    assert made.rows == []


def test_too_long_can_be_refused():
    with pytest.raises(EngineError, match="longer than max_length"):
        prepared("refuse", 34)


def test_both_answers_of_a_pair_share_their_prompt():
    made, _encoder = prepared("drop", 100)
    assert all(row.turns[0].prompt == row.turns[1].prompt for row in made.rows)


def test_recipe_is_what_a_reward_model_needs_to_know():
    recipe = Encoder(tiny.tokenizer()).recipe()
    assert recipe["chat_template"] == tiny.TEMPLATE
    assert recipe["adds_special_tokens"] is False
