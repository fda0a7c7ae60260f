"""MT-Bench's 3,355 human votes, imported: the leaderboard shows the published strengths, people and judge apart."""

import csv
import io

import pytest
from django.core.management import call_command

from evaluation.oracles import MT_BENCH_STRENGTHS
from evaluation.ratings import ELO

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


@pytest.fixture
def board(project, home, real_data, as_user, rita):
    call_command("import_data", real_data("mt_bench_human"), project="wall", format="mt_bench")

    def read(**wishes):
        response = as_user(rita).get("/p/wall/compare/leaderboard.csv", wishes)
        return {row["name"]: row for row in csv.DictReader(io.StringIO(response.content.decode()))}

    return read


def test_people_rank_the_six_systems_as_published(board, as_user, vera):
    rows = board()
    assert list(rows) == ["gpt-4", "claude-v1", "gpt-3.5-turbo", "vicuna-13b-v1.2", "alpaca-13b", "llama-13b"]
    assert sum(int(row["votes"]) for row in rows.values()) == 2 * 3355
    [baseline] = [name for name, row in rows.items() if row["baseline"] == "1"]
    for name, strength in MT_BENCH_STRENGTHS.items():
        expected = ELO * (strength - MT_BENCH_STRENGTHS[baseline])
        assert float(rows[name]["score_elo"]) == pytest.approx(expected, abs=0.06)
    # Second and third are not to be told apart by these votes.
    assert [(row["rank_best"], row["rank_worst"]) for row in rows.values()] == [
        ("1", "1"), ("2", "3"), ("2", "3"), ("4", "4"), ("5", "5"), ("6", "6"),
    ]  # fmt: skip
    html = as_user(vera).get("/p/wall/compare/leaderboard/").content.decode()
    assert "3,355 votes, 160 prompts, 65 people" in html


def test_the_judge_is_another_table(board):
    rows = board(voters="judges")
    assert sum(int(row["votes"]) for row in rows.values()) == 2 * 2400
    assert next(iter(rows)) == "gpt-4"
