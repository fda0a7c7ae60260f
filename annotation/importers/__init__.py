"""The formats that can be imported. Adding one is a reader of rows, its Format, a line here, and a test. Pure."""

from annotation.importers import (
    arena,
    argilla,
    columns,
    graded_pairs,
    gsm8k,
    hh_rlhf,
    label_studio,
    llmbar,
    llmfao,
    mt_bench,
    multipref,
    oasst_trees,
    prompts,
    qa_feedback,
    qlora,
    shp,
    steps,
    summarize_feedback,
    trl_preference,
    trl_unpaired,
    ultrafeedback,
    xstest,
)
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.format import Format, marks, rows
from annotation.importers.reading import Found, read_each

PROJECT, COLUMNS = "plumbline", "columns"


def _whole(_bundle: Bundle) -> Found:
    """A project is taken in table by table (services/import_project.py), not row by row."""
    raise Unreadable("An exported project is imported as a whole, into an empty project.")


def _unmapped(_bundle: Bundle) -> Found:
    """A table is read under a mapping of its columns (`found_in`)."""
    raise Unreadable("Say what each column of the table is.")


_OWN = (
    Format(
        "pairs",
        "To be judged here: a prompt and its answers",
        "Two answers are a pair, more a ranking. Answers are texts, or {text, model}; what stands where is drawn.",
        '{"prompt": "Why is the sky blue?", "responses": ["Air scatters blue light.", "It mirrors the sea."]}',
        "pairs",
        rows(prompts.read_answers),
        "own",
        marks("prompt responses", "prompt response_a response_b", "prompt completion_a completion_b"),
    ),
    Format(
        "trl_preference",
        "TRL preference: prompt, chosen, rejected",
        "Texts or message lists; without a prompt the common beginning is taken for it. `margin` is kept.",
        '{"prompt": "Why is the sky blue?", "chosen": "Air scatters blue light.", "rejected": "It is a mirror."}',
        "judgments",
        rows(trl_preference.read),
        "own",
        marks("prompt chosen rejected", "chosen rejected"),
    ),
    Format(
        "trl_unpaired",
        "TRL unpaired preference: prompt, completion, label",
        "Each row becomes a thumb on one completion.",
        '{"prompt": "Why is the sky blue?", "completion": "Air scatters blue light.", "label": true}',
        "judgments",
        rows(trl_unpaired.read),
        "own",
        marks("prompt completion label"),
    ),
    Format(
        "demonstrations",
        "Demonstrations: prompt, completion, or messages",
        "Answers that show how it is done, for supervised fine-tuning.",
        '{"prompt": "Why is the sky blue?", "completion": "Air scatters blue light."}',
        "judgments",
        rows(trl_unpaired.read_demonstration),
        "own",
        marks("prompt completion", "messages"),
    ),
    Format(
        "prompts",
        "Prompts, with references where known",
        "For comparisons and for methods that generate while they train. A reference makes an answer checkable.",
        '{"prompt": "What is 17 + 25?", "reference": "42", "category": "sums"}',
        "prompts",
        rows(prompts.read),
        "own",
        marks("prompt"),
    ),
    Format(
        "mt_bench",
        "MT-Bench: questions, answers and votes",
        "A zip archive, or all the files at once: question, model_answer, human_votes, and judges' votes if present.",
        '{"question_id": 81, "model_a": "alpaca-13b", "model_b": "gpt-4", "winner": "model_b", "judge": "expert_1", '
        '"turn": 1}',
        "judgments",
        mt_bench.read,
        "set",
        marks("question_id model_a model_b winner judge turn", "question_id turns category"),
    ),
    Format(
        "hh_rlhf",
        "HH-RLHF: chosen and rejected transcripts",
        "Split at the last turn. Pairs that differ earlier, or hold an empty answer, are left out and counted.",
        '{"chosen": "\\n\\nHuman: Hi\\n\\nAssistant: Hello.", "rejected": "\\n\\nHuman: Hi\\n\\nAssistant: What?"}',
        "judgments",
        rows(hh_rlhf.read),
        "set",
        marks("chosen rejected"),
    ),
    Format(
        "oasst_trees",
        "Open Assistant: conversation trees with ranks",
        "Every two ranked replies to the same turn become a pair; equal ranks are ties.",
        '{"message_tree_id": "…", "prompt": {"role": "prompter", "text": "…", "replies": […]}}',
        "judgments",
        rows(oasst_trees.read),
        "set",
        marks("message_tree_id prompt"),
    ),
    Format(
        "gsm8k",
        "GSM8K: problems with worked answers or graded solutions",
        "The number after #### is the reference; calculator marks are taken out.",
        '{"question": "…", "answer": "She makes 9 * 2 = $<<9*2=18>>18 a day.\\n#### 18"}',
        "judgments",
        rows(gsm8k.read),
        "set",
        marks("question answer", "question ground_truth"),
    ),
    Format(
        COLUMNS,
        "Any table: say what each column is",
        "CSV, TSV, JSON lines or Parquet with names of your own; what its columns are decides what a row becomes.",
        '{"frage": "Why is the sky blue?", "antwort 1": "Air scatters blue light.", "antwort 2": "A mirror.", '
        '"besser": "a"}',
        "columns",
        _unmapped,
    ),
    Format(
        PROJECT,
        "Plumbline: an exported project",
        "Everything of a project, into an empty one: the same rows, revisions, guide versions and splits.",
        '{"kind": "plumbline-project", "version": 1}',
        "project",
        _whole,
        "tool",
        marks("kind version tables project"),
    ),
)
_ALL = (
    *_OWN,
    label_studio.FORMAT,
    argilla.FORMAT,
    arena.FORMAT,
    graded_pairs.FORMAT,
    ultrafeedback.FORMAT,
    shp.FORMAT,
    multipref.FORMAT,
    summarize_feedback.FORMAT,
    qa_feedback.FORMAT,
    *steps.FORMATS,
    xstest.FORMAT,
    llmfao.FORMAT,
    qlora.FORMAT,
    llmbar.FORMAT,
)
FORMATS: dict[str, Format] = {format.name: format for format in _ALL}
NAMES = sorted(FORMATS)


def found_in(bundle: Bundle, format: str, mapping: dict[str, str] | None = None) -> Found:
    """What an upload holds, read as `format`; `mapping` names the columns where the format is plain columns."""
    if format == COLUMNS:
        return read_each(bundle, columns.reader(mapping or {}))
    return FORMATS[format].read(bundle)
