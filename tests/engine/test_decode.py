"""Decoding: the distribution is the model's, cache and compaction change nothing, ends end."""

import numpy as np
import pytest
import torch

from tests.engine import tiny
from training.engine.collate import pad_right
from training.engine.nets import folders, heads
from training.engine.nets.decode import decode, pick
from training.engine.rollouts import uniforms


@pytest.fixture(scope="module", params=list(tiny.CONFIGS))
def model(request, tmp_path_factory):
    return folders.load_policy(str(tiny.model_folder(tmp_path_factory.mktemp("m") / "m", request.param)))


PROMPTS = [[5, 6, 7, 8], [9, 10], [11, 12, 13, 14, 15, 16, 17]]


def run(model, prompts=PROMPTS, copies=2, length=24, ends=frozenset({1}), temperature=1.0, seed=0):
    draws = np.concatenate([uniforms(seed, 0, index, copies, length) for index in range(len(prompts))])
    return decode(model, prompts, draws, ends=ends, pad=0, temperature=temperature)


def test_noted_log_probabilities_are_those_of_a_training_forward(model):
    """Through padding, shared prefill, cache and sliding windows."""
    made = run(model, temperature=0.7)
    turns = [(PROMPTS[index // 2], one.ids) for index, one in enumerate(made)]
    with torch.no_grad():
        again = heads.completions(model, pad_right(turns, 0), temperature=0.7).logps
    for row, one in zip(again, made, strict=True):
        assert torch.allclose(row[: len(one.ids)], torch.tensor(one.logps), atol=1e-4)


def test_rows_that_leave_change_nothing(model):
    """Many end tokens, so that rows leave at once: the others go on as they would have alone."""
    ends = frozenset(range(1, 120))
    together = run(model, ends=ends, copies=4)
    assert sum(one.terminated for one in together) > 0
    for index, prompt in enumerate(PROMPTS):
        draws = uniforms(0, 0, index, 4, 24)
        alone = decode(model, [prompt], draws, ends=ends, pad=0, temperature=1.0)
        assert [one.ids for one in alone] == [one.ids for one in together[4 * index : 4 * index + 4]]


def test_terminated_completions_hold_their_end(model):
    ends = frozenset(range(1, 60))
    for one in run(model, ends=ends):
        assert one.terminated == (one.ids[-1] in ends)
        assert not any(token in ends for token in one.ids[:-1])
        assert len(one.ids) == len(one.logps) <= 24


def test_greedy(model):
    first, second = run(model, copies=2, temperature=0, seed=1)[:2]
    assert first.ids == second.ids == run(model, copies=1, temperature=0, seed=2)[0].ids


def test_picks_by_the_distribution():
    """100,000 draws: within five standard deviations of the probabilities, and never the impossible."""
    logits = torch.tensor([0.5, 0.3, 0.2, 0.0]).log().expand(100_000, 4)
    uniform = torch.as_tensor(np.random.default_rng(0).random(100_000), dtype=torch.float32)
    tokens, logps = pick(logits, uniform, 1.0)
    shares = torch.bincount(tokens, minlength=4) / 100_000
    for share, p in zip(shares.tolist(), (0.5, 0.3, 0.2, 0.0), strict=True):
        assert abs(share - p) <= 5 * (p * (1 - p) / 100_000) ** 0.5
    assert torch.allclose(logps.exp()[:5], torch.tensor([0.5, 0.3, 0.2, 0.0])[tokens[:5]])


def test_uniforms_belong_to_their_try():
    assert (uniforms(1, 2, 3, 4, 5)[2] == uniforms(1, 2, 3, 8, 5)[2]).all()
    assert (uniforms(1, 2, 3, 1, 5) != uniforms(1, 2, 4, 1, 5)).any()
    assert (uniforms(1, 2, 3, 1, 5) != uniforms(1, 3, 3, 1, 5)).any()


def test_plain_head_is_noticed_and_capped_logits_are_too(model):
    assert heads.head_is_plain(model)
    tokens = pad_right([([5, 6, 7], [8, 9]), ([4], [3])], 0)
    with torch.no_grad():
        quick = heads.completions(model, tokens, detail=True)
        setattr(model, heads.PROBED, False)
        whole = heads.completions(model, tokens, detail=True)
        setattr(model, heads.PROBED, True)
    assert torch.allclose(quick.logps, whole.logps, atol=1e-5)
    assert torch.allclose(quick.entropy, whole.entropy, atol=1e-5)
    assert quick.mask.tolist() == [[1, 1], [1, 0]]
