"""Readers of other tools' formats: each shape becomes a judgment of its interface, in true order, or says why not."""

import json

import pytest

from annotation.importers import FORMATS
from annotation.importers.bundle import Bundle
from annotation.importers.orientation import oriented
from annotation.importers.records import Answer, LeftOut, Problem, Record, Verdict

PAIR = {"prompt": "Why?", "answer1": "So.", "answer2": "No."}


@pytest.fixture
def read(tmp_path):
    def reader(format, *rows, name="rows.jsonl"):
        (tmp_path / name).write_text("\n".join(json.dumps(row) for row in rows))
        return [thing for _, thing in FORMATS[format].read(Bundle(tmp_path))]

    return reader


def region(kind, value, *, control="control", about="answer1"):
    return {"type": kind, "from_name": control, "to_name": about, "value": value}


def annotated(data, *results, **fields):
    return {"data": data, "annotations": [{"id": 1, "completed_by": 7, "result": list(results), **fields}]}


def said(record):
    return record.interface, record.verdict.outcome, record.verdict.strength, record.verdict.value


LABEL_STUDIO = [
    (PAIR, region("pairwise", {"selected": "left"}), ("pairwise", "answer", 1, {})),
    (PAIR, region("pairwise", {"selected": "right"}), ("pairwise", "answer", -1, {})),
    (PAIR, region("pairwise", {"selected": "none"}), ("pairwise", "answer", 0, {})),
    (PAIR, region("choices", {"choices": ["Tie"]}, about="prompt"), ("pairwise", "answer", 0, {})),
    (PAIR, region("choices", {"choices": ["Both bad"]}, about="prompt"), ("pairwise", "both_bad", None, {})),
    (PAIR, region("choices", {"choices": ["answer2"]}, about="prompt"), ("pairwise", "answer", -1, {})),
    (PAIR, region("choices", {"choices": ["👎"]}, about="answer2"),
     ("thumbs", "answer", None, {"label": False, "word": "👎"})),
    ({"prompt": "Why?", "response": "So."}, region("taxonomy", {"taxonomy": [["quality", "Good"]]}, about="response"),
     ("thumbs", "answer", None, {"label": True, "word": "Good"})),
    ({"prompt": "Why?", "response": "So."}, region("rating", {"rating": 4}, about="response"),
     ("likert", "answer", None, {"ratings": {"control": 4}, "scale": 5})),
    ({"prompt": "Why?", "response": "So."}, region("rating", {"rating": 9}, about="response"),
     ("likert", "answer", None, {"ratings": {"control": 9}, "scale": 10})),
    ({"prompt": "Why?"}, region("textarea", {"text": ["Because."]}, about="prompt"),
     ("demonstration", "answer", None, {"text": "Because."})),
    ({"prompt": "Why?", "answer": "So."}, region("textarea", {"text": ["Better."]}, control="corrected"),
     ("edit", "answer", None, {"text": "Better."})),
]  # fmt: skip


@pytest.mark.parametrize(("data", "result", "wanted"), LABEL_STUDIO)
def test_label_studio_controls(read, data, result, wanted):
    [record] = read("label_studio", annotated(data, result))
    assert said(record) == wanted
    assert record.verdict.rater == "user 7"
    assert record.messages == [{"role": "user", "content": "Why?"}]


def test_label_studio_ranker_keeps_the_order_whatever_the_place(read):
    items = [{"id": name, "body": f"text {name}"} for name in "abcd"]
    result = region("ranker", {"ranker": {"rank": ["c", "a", "d"], "_": ["b"]}}, about="list")
    [record] = read("label_studio", annotated({"prompt": "Why?", "items": items}, result))
    assert [answer.text for answer in record.answers] == ["text a", "text c", "text d"]
    assert record.verdict.value == {"ranks": [2, 1, 3]}


def test_label_studio_time_agreement_skips_and_predictions(read):
    task = annotated(PAIR, region("pairwise", {"selected": "left"}), region("textarea", {"text": ["Because."]}),
                     lead_time=12.5, created_at="2026-01-02T03:04:05Z", ground_truth=True)  # fmt: skip
    task["agreement"] = 66.7
    task["annotations"].append({"id": 2, "completed_by": {"email": "a@b.c"}, "was_cancelled": True, "result": []})
    task["predictions"] = [
        {"model_version": "judge 1", "score": 0.8, "result": [region("pairwise", {"selected": "right"})]}
    ]
    first, skipped, judged = read("label_studio", task)
    assert (first.verdict.active_ms, first.verdict.comment) == (12_500, "Because.")
    assert first.verdict.value == {"agreement": 66.7, "ground_truth": True}
    assert first.verdict.at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert (skipped.verdict.outcome, skipped.verdict.rater) == ("skip", "a@b.c")
    assert (judged.verdict.kind, judged.verdict.rater, judged.verdict.strength) == ("judge", "judge 1", -1)
    assert judged.verdict.value == {"score": 0.8}


def test_label_studio_time_counts_once_for_several_answers(read):
    task = annotated(PAIR, region("pairwise", {"selected": "left"}),
                     region("rating", {"rating": 5}, about="answer1", control="overall"),
                     region("rating", {"rating": 2}, about="answer2", control="overall"), lead_time=3)  # fmt: skip
    found = read("label_studio", task)
    assert [record.interface for record in found] == ["pairwise", "likert", "likert"]
    assert [record.verdict.active_ms for record in found] == [3000, None, None]
    assert [record.answers[0].text for record in found[1:]] == ["So.", "No."]


def test_label_studio_a_scale_is_that_of_the_whole_upload(read):
    rated = [annotated({"prompt": "Why?", "response": "So."}, region("rating", {"rating": n}, about="response"))
             for n in (2, 7)]  # fmt: skip
    assert [record.verdict.value["scale"] for record in read("label_studio", *rated)] == [7, 7]


def test_label_studio_what_is_not_understood_is_left_out_and_said(read):
    assert read("label_studio", annotated(PAIR, region("choices", {"choices": ["Purple"]}, about="prompt"))) == [
        LeftOut("an annotation whose answer is not understood")
    ]
    assert read("label_studio", annotated(PAIR)) == [LeftOut("an annotation without an answer")]
    [problem] = read("label_studio", annotated({"image": "cat.jpg"}, region("pairwise", {"selected": "left"})))
    assert isinstance(problem, Problem)
    assert problem.path == "$.data"
    [record] = read("label_studio", {"data": PAIR})
    assert record.verdict is None


def argilla(**questions):
    fields = {"prompt": "Why?", "response-1": "one", "response-2": "two", "response-3": "three"}
    return {"id": "r1", "fields": fields, "responses": questions}


@pytest.mark.parametrize(
    ("value", "ranks"),
    [
        ([{"value": "response-2", "rank": 1}, {"value": "response-3", "rank": 2}, {"value": "response-1", "rank": 3}],
         [3, 1, 2]),
        ([{"value": "response-1", "rank": 1}, {"value": "response-2", "rank": 1}, {"value": "response-3", "rank": 3}],
         [1, 1, 3]),
        (["response-3", "response-1", "response-2"], [2, 3, 1]),
        (["3", "1", "2"], [2, 3, 1]),
    ],
)  # fmt: skip
def test_argilla_ranking_is_what_was_said(read, value, ranks):
    [record] = read("argilla", argilla(ranking=[{"value": value, "user_id": "u"}]))
    assert record.interface == "ranking"
    assert [answer.text for answer in record.answers] == ["one", "two", "three"]
    assert record.verdict.value == {"ranks": ranks}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["response-1", "response-2"], "must rank each of"),
        (["good", "bad", "ugly"], "names none of"),
        ([{"value": "response-1", "rank": None}], "no rank from 1 on"),
        (["response-1", "response-1", "response-2"], "names none of"),
    ],
)
def test_argilla_ranking_is_never_guessed(read, value, message):
    [problem] = read("argilla", argilla(ranking=[{"value": value, "user_id": "u"}]))
    assert isinstance(problem, Problem)
    assert message in problem.message


def test_argilla_people_agents_drafts_and_discards(read):
    row = {
        "id": "r1",
        "fields": {"prompt": "Why?", "response-1": "one", "response-2": "two"},
        "responses": {
            "better": [
                {"value": "response-2", "user_id": "ann", "status": "submitted"},
                {"value": "tie", "user_id": "bo", "status": "submitted"},
                {"value": None, "user_id": "cy", "status": "discarded"},
                {"value": "response-1", "user_id": "di", "status": "draft"},
            ],
            "response-1-quality": [{"value": 4, "user_id": "ann"}],
            "why": [{"value": "Shorter.", "user_id": "ann"}],
        },
        "suggestions": {"better": {"value": "response-1", "agent": "judge", "score": 0.7}},
    }
    found = read("argilla", row)
    records = [thing for thing in found if isinstance(thing, Record)]
    assert [(r.verdict.rater, r.interface, r.verdict.outcome, r.verdict.strength) for r in records] == [
        ("ann", "pairwise", "answer", -1),
        ("ann", "likert", "answer", None),
        ("bo", "pairwise", "answer", 0),
        ("cy", "pairwise", "skip", None),
        ("judge", "pairwise", "answer", 1),
    ]
    assert records[0].verdict.comment == "Shorter."
    assert records[1].verdict.value == {"ratings": {"response-1-quality": 4}, "scale": 5}
    assert (records[4].verdict.kind, records[4].verdict.value) == ("judge", {"score": 0.7})
    assert LeftOut("a draft") in found


def test_argilla_first_version_and_tables_say_the_same(read):
    fields = {"prompt": "Why?", "response-1": "one", "response-2": "two"}
    old = {
        "fields": fields,
        "responses": [{"user_id": "ann", "status": "submitted", "values": {"better": {"value": "response-1"}}}],
        "suggestions": [{"question_name": "better", "value": "response-2", "agent": "judge"}],
    }
    table = {
        **fields,
        "id": "r1",
        "_server_id": "x",
        "better.responses": ["response-1"],
        "better.responses.users": ["ann"],
        "better.responses.status": ["submitted"],
        "better.suggestion": "response-2",
        "better.suggestion.agent": "judge",
        "better.suggestion.score": None,
    }
    one, other = read("argilla", old), read("argilla", table)
    assert [(r.verdict, r.answers) for r in one] == [(r.verdict, r.answers) for r in other]
    assert [r.verdict.strength for r in one] == [1, -1]


TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "A"}, {"role": "user", "content": "And?"}]


def battle(winner, **fields):
    one = [*TURNS, {"role": "assistant", "content": "one"}]
    other = [TURNS[0], {"role": "assistant", "content": "B"}, TURNS[2], {"role": "assistant", "content": "two"}]
    return {"model_a": "m1", "model_b": "m2", "winner": winner, "judge": "voter", "conversation_a": one,
            "conversation_b": other, "tstamp": 1_700_000_000.5, **fields}  # fmt: skip


@pytest.mark.parametrize(
    ("winner", "outcome", "strength"),
    [("model_a", "answer", 1), ("model_b", "answer", -1), ("tie", "answer", 0), ("tie (bothbad)", "both_bad", None)],
)
def test_arena_votes(read, winner, outcome, strength):
    [record] = read("arena", battle(winner))
    assert (record.verdict.outcome, record.verdict.strength, record.verdict.shown) == (outcome, strength, (0, 1))
    assert [answer.source for answer in record.answers] == ["m1", "m2"]
    assert record.messages[1]["content"].startswith("(Each system’s own answer")
    assert [answer.sampling for answer in record.answers] == [{"earlier_turns": ["A"]}, {"earlier_turns": ["B"]}]
    assert record.verdict.at.year == 2023


def test_arena_tables_and_faults(read):
    table = {"id": 1, "model_a": "m1", "model_b": "m2", "prompt": '["Hi"]', "response_a": '["one"]',
             "response_b": '["two"]', "winner_model_a": 0, "winner_model_b": 1, "winner_tie": 0}  # fmt: skip
    assert read("arena", table)[0].verdict.strength == -1
    assert read("arena", battle("nobody"))[0].path == "$.winner"
    other = battle("model_a", conversation_b=[TURNS[0], {"role": "assistant", "content": "x"}])
    assert read("arena", other)[0].path == "$.conversation_b"


def test_helpsteer_voices_attributes_and_edits(read):
    row = {
        "domain": "code", "language": "en", "context": [{"role": "user", "content": "Why?"}],
        "response1": "one", "response2": "two", "overall_preference": -2,
        "individual_preference": [
            {"score": -3, "reasoning": "clear", "feedback1": "f1", "feedback2": "f2"}, {"score": 0, "reasoning": ""},
            {"score": None},
        ],
    }  # fmt: skip
    first, tie, silent = read("helpsteer", row)
    assert (first.verdict.scale, first.verdict.strength, first.verdict.comment) == (7, 3, "clear")
    assert first.verdict.value == {"overall": 2, "feedback": ["f1", "f2"]}
    assert (tie.verdict.strength, tie.verdict.rater) == (0, "voice 2")
    assert silent == LeftOut("a voice without a preference")
    [alone] = read("helpsteer", {**row, "individual_preference": [], "overall_preference": 1})
    assert (alone.verdict.strength, alone.verdict.rater) == (-1, "")
    [rated] = read("helpsteer", {"prompt": "Hi\n<extra_id_1>Assistant\nHello\n<extra_id_1>User\nWhy?\n",
                                 "response": "So.", "helpfulness": 4, "verbosity": 0})  # fmt: skip
    assert [turn["role"] for turn in rated.messages] == ["user", "assistant", "user"]
    assert rated.verdict.value == {"ratings": {"helpfulness": 5, "verbosity": 1}, "scale": 5}
    [edit] = read("helpsteer", {"context": row["context"], "original_response": "a", "edited_response": "b",
                                "change_summary": "shorter"})  # fmt: skip
    assert said(edit) == ("edit", "answer", None, {"text": "b"})
    [wrong] = read("helpsteer", {**row, "overall_preference": 4})
    assert wrong.path == "$.overall_preference"


def test_ultrafeedback_ratings_and_pairs(read):
    row = {"instruction": "Why?", "source": "set", "completions": [
        {"model": "m1", "response": "So.", "overall_score": 8.5, "critique": "fine",
         "annotations": {"helpfulness": {"Rating": "4"}, "honesty": {"Rating": "N/A"}}},
        {"model": "m2", "response": "No.", "annotations": {}},
    ]}  # fmt: skip
    rated, unrated = read("ultrafeedback", row)
    assert rated.verdict.value == {"ratings": {"helpfulness": 4}, "scale": 5, "overall_score": 8.5}
    assert unrated == LeftOut("an answer without a rating")
    [pair] = read("ultrafeedback", {"prompt": "Why?", "chosen": [{"role": "user", "content": "Why?"},
                  {"role": "assistant", "content": "So."}], "rejected": [{"role": "assistant", "content": "No."}],
                  "score_chosen": 8.0, "score_rejected": 8.0})  # fmt: skip
    assert (pair.verdict.strength, pair.verdict.value) == (0, {"scores": [8.0, 8.0], "margin": 0.0})


def test_shp_multipref_and_summaries(read):
    [shp] = read("shp", {"history": "Why?", "human_ref_A": "a", "human_ref_B": "b", "labels": 0, "score_A": 2,
                         "score_B": 9, "domain": "ask"})  # fmt: skip
    assert (shp.verdict.strength, shp.verdict.value["scores"]) == (-1, [2, 9])
    [multi] = read("multipref", {"text": "Why?", "completion_a": "a", "completion_b": "b", "model_a": "m",
                                 "model_b": "n", "expert_worker_annotations": [
        {"evaluator": "e1", "overall_pref": "B-is-clearly-better", "helpful_pref": "A-is-slightly-better",
         "helpful_confidence": "fairly", "overall_own_reason": "short", "time_spent": 61}]})  # fmt: skip
    assert (multi.verdict.scale, multi.verdict.strength, multi.verdict.active_ms) == (5, -2, 61_000)
    assert multi.verdict.value["criteria"] == {"helpful": {"strength": 1, "confidence": "fairly"}}
    row = {"info": {"post": "Long.", "subreddit": "books"}, "choice": 1, "worker": "w", "extra": {"confidence": 8},
           "summaries": [{"text": "a", "policy": "p"}, {"text": "b", "policy": "q"}]}  # fmt: skip
    assert read("summarize_feedback", row)[0].verdict.strength == -3
    assert read("summarize_feedback", {**row, "extra": {"confidence": 2}})[0].verdict.strength == -1  # the choice wins
    [axes] = read("summarize_feedback", {"info": row["info"], "worker": "w", "summary": {
        "text": "a", "axes": {"overall": 6, "accuracy": None}}})  # fmt: skip
    assert axes.verdict.value == {"ratings": {"overall": 6}, "scale": 7}


def rated(*ratings):
    return [{"text": f"s{n}", "rating": rating} for n, rating in enumerate(ratings)]


def test_prm800k_path_and_side_steps(read):
    row = {
        "labeler": "l", "timestamp": "2022-07-17T17:05:35", "is_quality_control_question": True,
        "question": {"problem": "1 + 1?", "ground_truth_answer": "2"},
        "label": {"total_time": 4000, "finish_reason": "found_error", "steps": [
            {"completions": rated(1, -1), "chosen_completion": 0},
            {"completions": rated(0), "chosen_completion": None},
            {"completions": rated(-1), "chosen_completion": None, "human_completion": {"text": "mine"}},
        ]},
    }  # fmt: skip
    path, side, wrong = read("prm800k", row)
    assert path.answers[0].text == "s0\ns0\nmine"
    assert path.verdict.value == {"labels": [1, 0, 1], "first_error": None, "ends": [3, 6, 10], "finish": "found_error"}
    assert (side.answers[0].text, side.verdict.value["labels"]) == ("s1", [-1])
    assert wrong.verdict.value["labels"] == [1, 0, -1]
    assert [record.verdict.active_ms for record in (path, side, wrong)] == [4000, None, None]
    assert (path.reference, path.tags) == ("2", ("quality-control",))
    [gave_up] = read("prm800k", {**row, "label": {**row["label"], "finish_reason": "give_up"}})
    assert gave_up.verdict.outcome == "skip"


def test_qa_feedback_is_a_ranking_only_where_one_says_the_same(read):
    row = {"question": "Where?", "passages": [["T", "Here."]], "gold": "Here.", "feedback": {
        "errors": [{"start": 0, "end": 1, "error type": "Irrelevant"}], "corrected-prediction": "Here it is."},
        **{f"prediction {n}": f"p{n}" for n in range(1, 5)}}  # fmt: skip
    ranking, edit = read("qa_feedback", {**row, "preference": [2, 2, 2, 0, 1, 1]})
    assert ranking.verdict.value["ranks"] == [4, 1, 1, 3]
    assert said(edit)[3]["text"] == "Here it is."
    assert edit.verdict.value["spans"] == [{"start": 0, "end": 1, "kind": "Irrelevant", "comment": ""}]
    found = read("qa_feedback", {**row, "preference": [0, 1, 1, 0, 1, 1]})
    assert [record.interface for record in found] == ["pairwise"] * 6 + ["edit"]
    assert [record.verdict.strength for record in found[:6]] == [0, 1, 1, 0, 1, 1]


def test_what_was_said_turns_with_the_answers():
    answers = (Answer("b", "z"), Answer("a", "a"))
    value = {"criteria": {"helpful": {"strength": 2}}, "safety": [True, False], "probability": 0.9,
             "winner": "model_a", "scores": [7, 3]}  # fmt: skip
    turned = oriented(Record([], answers, verdict=Verdict(scale=5, strength=1, value=value, shown=(0, 1))))
    assert [answer.source for answer in turned.answers] == ["a", "z"]
    assert (turned.verdict.strength, turned.verdict.shown) == (-1, (1, 0))
    assert turned.verdict.value == {
        "criteria": {"helpful": {"strength": -2}}, "safety": [False, True], "probability": pytest.approx(0.1),
        "winner": "model_b", "scores": [3, 7],
    }  # fmt: skip
    three = (Answer("x", "3"), Answer("y", "1"), Answer("z", "2"))
    ranked = oriented(Record([], three, "ranking", Verdict(value={"ranks": [1, 2, 3]}, shown=(2, 0, 1))))
    assert [answer.source for answer in ranked.answers] == ["1", "2", "3"]
    assert (ranked.verdict.value["ranks"], ranked.verdict.shown) == ([2, 3, 1], (1, 2, 0))
