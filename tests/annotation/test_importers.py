"""Row readers: what each format's row becomes, what is left out, and where a fault is."""

import gzip
import json
import zipfile

import pytest

from annotation.importers import FORMATS
from annotation.importers.bundle import Bundle, Limits, Unreadable
from annotation.importers.records import LeftOut, Place, Problem, Record

ASK = {"role": "user", "content": "Why?"}


def said(text):
    return {"role": "assistant", "content": text}


def read(tmp_path, format, *rows, name="rows.jsonl"):
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (tmp_path / name).write_text("\n".join(lines))
    return [thing for _, thing in FORMATS[format].read(Bundle(tmp_path / name))]


def test_every_format_reads_its_own_example(tmp_path):
    for format in FORMATS.values():
        if format.name in ("mt_bench", "oasst_trees", "gsm8k", "qlora", "columns", "plumbline"):
            continue  # their examples are shortened, or are no rows; their files are read in tests of their own
        found = read(tmp_path, format.name, format.example)
        assert found, format.name
        assert all(isinstance(record, Record) for record in found), format.name


@pytest.mark.parametrize(
    ("row", "messages", "answers"),
    [
        ({"prompt": "Why?", "chosen": " So.", "rejected": "No"}, [ASK], (" So.", "No")),
        ({"chosen": "The sky is blue.", "rejected": "The sky is green."},
         [{"role": "user", "content": "The sky is"}], (" blue.", " green.")),
        ({"prompt": [ASK], "chosen": [said("So.")], "rejected": [said("No.")]}, [ASK], ("So.", "No.")),
        ({"chosen": [ASK, said("So.")], "rejected": [ASK, said("No.")]}, [ASK], ("So.", "No.")),
        ({"prompt": "Why?", "chosen": [ASK, said("So.")], "rejected": [ASK, said("No.")]}, [ASK], ("So.", "No.")),
    ],
)  # fmt: skip
def test_preference_in_all_of_trls_shapes(tmp_path, row, messages, answers):
    [record] = read(tmp_path, "trl_preference", {**row, "margin": 0.25})
    assert record.messages == messages
    assert tuple(answer.text for answer in record.answers) == answers
    assert (record.verdict.strength, record.verdict.scale, record.verdict.value) == (1, 2, {"margin": 0.25})


@pytest.mark.parametrize(
    ("format", "row", "path", "message"),
    [
        ("trl_preference", {"prompt": "Why?", "chosen": "a"}, "$.rejected", "is missing; the row has prompt, chosen."),
        ("trl_preference", {"prompt": 3, "chosen": "a", "rejected": "b"}, "$.prompt", "must be a list of messages"),
        ("trl_preference", {"chosen": "a", "rejected": "b"}, "$.prompt", "no common beginning"),
        ("trl_preference", {"prompt": "W", "chosen": "a", "rejected": "b\u0000"}, "$.rejected", "U+0000 at position 1"),
        ("trl_preference", '{"prompt": "W", "chosen": "a", "rejected": "\\ud800"}', "$.rejected", "U+D800"),
        ("trl_preference", {"prompt": "W", "chosen": "a", "rejected": "b", "margin": "x"}, "$.margin", "finite number"),
        ("trl_preference", '{"prompt": "W", "chosen": "a", "rejected": "b", "margin": NaN}', "$", "NaN is not a JSON"),
        ("trl_preference", {"prompt": "W", "chosen": "x" * 1_000_001, "rejected": "b"}, "$.chosen", "1,000,001"),
        ("trl_preference", {"chosen": "Human: a", "rejected": "Human: b"}, "$.chosen", "HH-RLHF"),
        ("trl_preference", {"chosen": [ASK, said("a"), ASK, said("b")], "rejected": [ASK, said("c")]},
         "$.chosen", "must be one turn of the assistant"),
        ("trl_preference", {"prompt": [said("a")], "chosen": "a", "rejected": "b"}, "$.prompt", "turn of the user"),
        ("trl_preference", {"prompt": [{"role": "tool", "content": "a"}], "chosen": "a", "rejected": "b"},
         "$.prompt[0].role", "must be system, user or assistant; it is “tool”."),
        ("trl_preference", "[1, 2]", "$", "must be an object"),
        ("trl_preference", '{"prompt": ', "$", "is not JSON"),
        ("trl_preference", "[" * 100_000, "$", "nested too deeply"),
        ("trl_unpaired", {"prompt": "W", "completion": "a", "label": "yes"}, "$.label", "must be true or false"),
        ("trl_unpaired", {"prompt": "W", "completion": "a"}, "$.label", "it is missing"),
        ("hh_rlhf", {"chosen": "hello", "rejected": "\n\nHuman: a\n\nAssistant: b"}, "$.chosen", "transcript"),
        ("hh_rlhf", {"chosen": "\n\nHuman: a", "rejected": "\n\nHuman: a"}, "$.chosen", "end with a turn of the assis"),
        ("gsm8k", {"question": "2+2?", "answer": "four"}, "$.answer", "must end with the final answer"),
        ("gsm8k", {"question": "2+2?", "answer": "#### 4", "m": {"solution": "4"}}, "$.m.is_correct", "it is missing"),
        ("prompts", {"prompt": ""}, "$.prompt", "is empty"),
        ("pairs", {"prompt": "W", "responses": ["a"] * 10}, "$.responses", "a list of one to nine answers"),
        ("oasst_trees", {"prompt": {"role": "prompter", "text": "a", "replies": [{"role": "x"}]}},
         "$.prompt.replies[0].role", "must be prompter or assistant"),
    ],
)  # fmt: skip
def test_each_fault_has_its_path(tmp_path, format, row, path, message):
    [problem] = read(tmp_path, format, row)
    assert isinstance(problem, Problem)
    assert problem.path == path
    assert message in problem.message


def test_rows_are_numbered_as_an_editor_numbers_them(tmp_path):
    good = json.dumps({"prompt": "Why?"})
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + f"{good}\r\n\n{{\n{good}".encode() + b'\n{"prompt": "\xff"}\n')
    found = list(FORMATS["prompts"].read(Bundle(tmp_path)))
    assert [(place, type(thing)) for place, thing in found] == [
        (Place("a.jsonl", 1), Record),
        (Place("a.jsonl", 3), Problem),
        (Place("a.jsonl", 4), Record),
        (Place("a.jsonl", 5), Problem),
    ]
    assert "is not UTF-8" in found[3][1].message


def test_hh_splits_at_the_last_turn_and_leaves_the_odd_ones_out(tmp_path):
    before = "\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:"
    found = read(
        tmp_path,
        "hh_rlhf",
        {"chosen": f"{before} yes", "rejected": f"{before}  no"},
        {"chosen": f"{before} yes", "rejected": "\n\nHuman: a\n\nAssistant: other\n\nHuman: c\n\nAssistant: no"},
        {"chosen": f"{before} yes", "rejected": before},
    )
    assert [turn["content"] for turn in found[0].messages] == ["a", "b", "c"]
    assert [answer.text for answer in found[0].answers] == ["yes", " no"]
    assert found[1:] == [
        LeftOut("the two conversations differ before the last turn"),
        LeftOut("one of the answers is empty"),
    ]


def test_oasst_pairs_come_from_ranked_siblings_only(tmp_path):
    def reply(text, rank=None, **more):
        return {"role": "assistant", "text": text, **({"rank": rank} if rank is not None else {}), **more}

    tree = {"prompt": {"role": "prompter", "text": "q", "replies": [
        reply("second", 1), reply("first", 0), reply("unranked"), reply("gone", 2, deleted=True),
        reply("first too", 0, synthetic=True, model_name="chip"),
    ]}}  # fmt: skip
    found = read(tmp_path, "oasst_trees", tree, {"prompt": {"role": "prompter", "text": "alone"}})
    assert [([a.text for a in r.answers], r.verdict.strength) for r in found[:3]] == [
        (["second", "first"], -1),
        (["second", "first too"], -1),
        (["first", "first too"], 0),
    ]
    assert [answer.source for answer in found[1].answers] == ["people", "chip"]
    assert found[3:] == [LeftOut("no two replies of the tree are ranked")]


@pytest.mark.parametrize(
    ("ending", "reference"), [("#### 1,234,567", "1234567"), ("A: 18", "18"), ("#### $9", "9"), ("#### 3,5", "3,5")]
)
def test_gsm8k_reference_and_marks(tmp_path, ending, reference):
    [record] = read(tmp_path, "gsm8k", {"question": "How many?", "answer": f"3 * 4 = <<3*4=12>>12\n{ending}"})
    assert record.reference == reference
    assert record.answers[0].text == f"3 * 4 = 12\n{ending}"


def mt_bench(tmp_path, *votes):
    (tmp_path / "model_answer").mkdir()
    questions = [{"question_id": 1, "category": "math", "turns": ["first?", "second?"]}]
    answers = {m: [{"question_id": 1, "model_id": m, "choices": [{"turns": [f"{m} 1", f"{m} 2"]}]}] for m in "ab"}
    reference = [{"question_id": 1, "model_id": "a", "choices": [{"turns": ["ref 1", "ref 2"]}]}]
    files = {"question": questions, "votes": votes, "reference_answer": reference}
    files |= {f"model_answer/{m}": rows for m, rows in answers.items()}
    for name, rows in files.items():
        (tmp_path / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return [thing for _, thing in FORMATS["mt_bench"].read(Bundle(tmp_path))]


def vote(**fields):
    return {"question_id": 1, "model_a": "a", "model_b": "b", "winner": "model_a", "judge": "expert_1", "turn": 1,
            **fields}  # fmt: skip


def test_mt_bench_joins_its_files(tmp_path):
    first, again, second, judge, empty, nobody = mt_bench(
        tmp_path,
        vote(),
        vote(model_a="b", model_b="a", winner="model_b"),
        vote(turn=2, winner="tie"),
        vote(judge="gpt4_pair", winner="tie (inconsistent)"),
        vote(winner=""),
        vote(model_a="nobody"),
    )
    assert [answer.text for answer in first.answers] == ["a 1", "b 1"]
    assert (first.messages, first.reference, first.category) == (
        [{"role": "user", "content": "first?"}],
        "ref 1",
        "math",
    )
    assert (first.verdict.strength, again.verdict.strength) == (1, -1)
    assert first.key != again.key  # the same judge twice on one pair
    assert [turn["role"] for turn in second.messages] == ["user", "assistant", "user"]
    assert second.answers[1].sampling == {"first_turn": "b 1"}
    assert (judge.verdict.kind, judge.verdict.strength) == ("judge", 0)
    assert judge.verdict.value == {"winner": "tie (inconsistent)"}
    assert empty == Problem("$.winner", "must be model_a, model_b or tie; it is “”.")
    assert nobody.path == "$.model_a"


def test_mt_bench_without_votes_says_what_is_missing(tmp_path):
    with pytest.raises(Unreadable, match="no file of votes"):
        read(tmp_path, "mt_bench", {"question_id": 1, "turns": ["a"]})


def test_the_same_rows_from_every_kind_of_file(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [{"prompt": f"Why {n}?", "completion": "So.", "label": n % 2 == 0} for n in range(5)]
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "a.jsonl").write_text(lines)
    (tmp_path / "a.json").write_text(json.dumps(rows))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("folder/a.jsonl", lines)
        archive.writestr("__MACOSX/folder/._a.jsonl", "rubbish")
        archive.writestr("folder/README.md", "# not data")
    read = [[thing for _, thing in FORMATS["trl_unpaired"].read(Bundle(tmp_path / f"a.{kind}"))]
            for kind in ("jsonl", "json", "jsonl.gz", "parquet", "zip")]  # fmt: skip
    assert all(found == read[0] for found in read)
    assert [record.verdict.value["label"] for record in read[0]] == [True, False, True, False, True]


@pytest.mark.parametrize("name", ["../../etc/passwd.jsonl", "/etc/passwd.jsonl", "..\\..\\x.jsonl"])
def test_names_in_an_archive_lead_nowhere(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, '{"prompt": "Why?"}')
    before = sorted(tmp_path.rglob("*"))
    [(place, record)] = list(FORMATS["prompts"].read(Bundle(tmp_path / "a.zip")))
    assert isinstance(record, Record)
    assert place.row == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_bomb_is_refused_early(tmp_path, kind):
    bomb = json.dumps({"prompt": "a"}).encode() + b"\n" + b" " * 20_000_000
    path = tmp_path / f"a.jsonl.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(bomb, mtime=0))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.jsonl", bomb)
    with pytest.raises(Unreadable, match="unpacks to far more"):
        list(FORMATS["prompts"].read(Bundle(path)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.zip", b"PK\x03\x04 and then nothing", "is not a zip archive"),
        ("a.jsonl.gz", b"not gzip", "is damaged"),
        ("a.jsonl.gz", gzip.compress(b'{"prompt": "a"}\n' * 99, mtime=0)[:-9], "is damaged"),
        ("a.parquet", b"PAR1nonsense", "is not a Parquet file"),
        ("a.json", b'{"prompt": ', "is not JSON"),
        ("a.txt", b"hello", "holds no data file"),
    ],
    ids=["zip", "gzip", "gzip cut short", "parquet", "json", "nothing"],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable, match=message):
        list(FORMATS["prompts"].read(Bundle(tmp_path / name)))


def test_a_link_in_a_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").write_text('{"prompt": "secret"}')
    (tmp_path / "up").mkdir()
    (tmp_path / "up/a.jsonl").symlink_to(tmp_path / "secret")
    with pytest.raises(Unreadable, match="holds no data file"):
        Bundle(tmp_path / "up")


def test_a_crowded_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for n in range(4):
            archive.writestr(f"{n}.jsonl", "{}")
    with pytest.raises(Unreadable, match="more than 3 files"):
        Bundle(tmp_path / "a.zip", Limits(files=3))
