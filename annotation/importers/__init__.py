"""The formats that can be imported. Adding one is a reader of rows, a line here, and a test. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from annotation.importers import gsm8k, hh_rlhf, mt_bench, oasst_trees, prompts, trl_preference, trl_unpaired
from annotation.importers.bundle import Bundle
from annotation.importers.reading import Found, read_each


@dataclass(frozen=True)
class Format:
    """`holds`: what a row becomes (judgments, pairs, prompts). `example` is one row as it may look."""

    name: str
    title: str
    help: str
    example: str
    holds: str
    read: Callable[[Bundle], Found]


def _rows(reader) -> Callable[[Bundle], Found]:
    return partial(read_each, reader=reader)


_ALL = (
    Format(
        "pairs",
        "Pairs to judge: a prompt and two answers",
        "People here judge them. Answers are texts, or {text, model}; which stands left is drawn for each hand-out.",
        '{"prompt": "Why is the sky blue?", "responses": ["Air scatters blue light.", "It mirrors the sea."]}',
        "pairs",
        _rows(prompts.read_pairs),
    ),
    Format(
        "trl_preference",
        "TRL preference: prompt, chosen, rejected",
        "Texts or message lists; without a prompt the common beginning is taken for it. `margin` is kept.",
        '{"prompt": "Why is the sky blue?", "chosen": "Air scatters blue light.", "rejected": "It is a mirror."}',
        "judgments",
        _rows(trl_preference.read),
    ),
    Format(
        "trl_unpaired",
        "TRL unpaired preference: prompt, completion, label",
        "Each row becomes a thumb on one completion.",
        '{"prompt": "Why is the sky blue?", "completion": "Air scatters blue light.", "label": true}',
        "judgments",
        _rows(trl_unpaired.read),
    ),
    Format(
        "demonstrations",
        "Demonstrations: prompt, completion, or messages",
        "Answers that show how it is done, for supervised fine-tuning.",
        '{"prompt": "Why is the sky blue?", "completion": "Air scatters blue light."}',
        "judgments",
        _rows(trl_unpaired.read_demonstration),
    ),
    Format(
        "prompts",
        "Prompts, with references where known",
        "For comparisons and for methods that generate while they train. A reference makes an answer checkable.",
        '{"prompt": "What is 17 + 25?", "reference": "42", "category": "sums"}',
        "prompts",
        _rows(prompts.read),
    ),
    Format(
        "mt_bench",
        "MT-Bench: questions, answers and votes",
        "A zip archive, or all the files at once: question, model_answer, human_votes, and judges' votes if present.",
        '{"question_id": 81, "model_a": "alpaca-13b", "model_b": "gpt-4", "winner": "model_b", "judge": "expert_1", '
        '"turn": 1}',
        "judgments",
        mt_bench.read,
    ),
    Format(
        "hh_rlhf",
        "HH-RLHF: chosen and rejected transcripts",
        "Split at the last turn. Pairs that differ earlier, or hold an empty answer, are left out and counted.",
        '{"chosen": "\\n\\nHuman: Hi\\n\\nAssistant: Hello.", "rejected": "\\n\\nHuman: Hi\\n\\nAssistant: What?"}',
        "judgments",
        _rows(hh_rlhf.read),
    ),
    Format(
        "oasst_trees",
        "Open Assistant: conversation trees with ranks",
        "Every two ranked replies to the same turn become a pair; equal ranks are ties.",
        '{"message_tree_id": "…", "prompt": {"role": "prompter", "text": "…", "replies": […]}}',
        "judgments",
        _rows(oasst_trees.read),
    ),
    Format(
        "gsm8k",
        "GSM8K: problems with worked answers or graded solutions",
        "The number after #### is the reference; calculator marks are taken out.",
        '{"question": "…", "answer": "She makes 9 * 2 = $<<9*2=18>>18 a day.\\n#### 18"}',
        "judgments",
        _rows(gsm8k.read),
    ),
)
FORMATS: dict[str, Format] = {format.name: format for format in _ALL}
