"""The vocabulary by hand: literal numbers, derived in a comment."""

import math

import pytest
import torch

from training.engine.maths import advantages, aggregate, kl, links, ranking, ratios, scores


def close(found, wanted, **tolerance):
    assert torch.allclose(found, torch.tensor(wanted, dtype=found.dtype), **{"atol": 1e-6, **tolerance}), found


def test_logistic():
    # log(1 + e^0) = log 2; log(1 + e^-1) = .313262
    close(links.logistic(torch.tensor([0.0, 1.0])), [math.log(2), 0.313262])
    # a fifth flipped: .8 * .313262 + .2 * 1.313262
    close(links.logistic(torch.tensor([1.0]), 0.2), [0.513262])


@pytest.mark.parametrize("size", [50.0, 500.0])
def test_logistic_is_finite_far_out(size):
    h = torch.tensor([size, -size], requires_grad=True)
    loss = links.logistic(h)
    loss.sum().backward()
    close(loss.detach(), [0.0, size])
    close(h.grad, [0.0, -1.0])


def test_both_forms_of_bradley_terry_are_one():
    # -log sigma(d) and log(1 + exp(r_l - r_w)), d from -50 to 50
    d = torch.linspace(-50, 50, 201, dtype=torch.float64)
    other = torch.log1p(torch.exp(-d))
    assert torch.allclose(ranking.bradley_terry(d, torch.zeros_like(d)), other, atol=1e-7)


def test_margin_stands_inside():
    # d = 2, m = 1: -log sigma(1) = .313262
    close(ranking.bradley_terry(torch.tensor([3.0]), torch.tensor([1.0]), torch.tensor([1.0])), [0.313262])


def test_centring():
    close(ranking.centring(torch.tensor([3.0]), torch.tensor([-1.0])), [4.0])


def test_log_ratio():
    close(scores.log_ratio(torch.tensor([-3.0]), torch.tensor([-5.0])), [2.0])


def test_group_zscore():
    # mean .5, std .5 (ddof 0) or .577350 (ddof 1), and 1e-4 on top
    rewards = torch.tensor([[1.0, 0.0, 0.0, 1.0]])
    close(advantages.group_zscore(rewards, ddof=0), [[0.9998, -0.9998, -0.9998, 0.9998]])
    close(advantages.group_zscore(rewards, ddof=1), [[0.865875, -0.865875, -0.865875, 0.865875]])


def test_a_group_without_spread_teaches_nothing():
    # .1 added three times is not exactly .3: rounding must not become an advantage
    rewards = torch.full((1, 3), 0.1)
    close(advantages.group_zscore(rewards), [[0.0, 0.0, 0.0]])
    assert advantages.flat(rewards).tolist() == [True]


def test_process_supervision():
    # rewards .5 1 | 0 .25 .75: mean .5, std .353553; later steps add up
    rewards = torch.tensor([[0.5, 1.0, 0.0], [0.0, 0.25, 0.75]])
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    found = advantages.group_process(rewards, mask, ddof=0)
    close(found, [[1.414214, 1.414214, 0.0], [-1.414214, 0.0, 0.707107]])


def test_clipping():
    ratio = torch.tensor([0.5, 0.5, 1.0, 1.5, 1.5])
    credit = torch.tensor([1.0, -1.0, 1.0, 1.0, -1.0])
    # min(.5, .8) = .5; min(-.5, -.8) = -.8; 1; min(1.5, 1.2) = 1.2; min(-1.5, -1.2) = -1.5
    close(ratios.clipped(ratio, credit, 0.2, 0.2), [0.5, -0.8, 1.0, 1.2, -1.5])
    assert ratios.clipped_low(ratio, credit, 0.2).tolist() == [0, 1, 0, 0, 0]
    assert ratios.clipped_high(ratio, credit, 0.2).tolist() == [0, 0, 0, 1, 0]


def test_token_ratio_does_not_overflow():
    assert torch.isfinite(ratios.token_ratio(torch.tensor([500.0]), torch.tensor([-500.0]))).all()


def test_kl():
    u = torch.tensor([1.0, -1.0])
    close(kl.k1(u), [1.0, -1.0])
    close(kl.k2(u), [0.5, 0.5])
    # e^-1 - 1 + 1 = .367879; e - 1 - 1 = .718282
    close(kl.k3(u), [0.367879, 0.718282])


def test_k3_plus_has_the_value_of_k3_and_the_gradient_of_k2():
    u = torch.tensor([1.0], requires_grad=True)
    value = kl.k3_plus(u)
    value.sum().backward()
    close(value.detach(), [0.367879])
    close(u.grad, [1.0])


def test_exact_kl():
    # (.5, .2, .2, .1) against (.4, .3, .2, .1): .5 log 1.25 + .2 log(2/3) = .030479
    pi, reference = torch.tensor([0.5, 0.2, 0.2, 0.1]), torch.tensor([0.4, 0.3, 0.2, 0.1])
    close(kl.exact(pi.log(), reference.log()), 0.030479)


def test_aggregation():
    losses = torch.tensor([[1.0, 2.0, 3.0], [4.0, 9.0, 9.0]])
    mask = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    close(aggregate.token_mean(losses, mask, 4), 2.5)  # (1 + 2 + 3 + 4) / 4
    close(aggregate.seq_mean_token_mean(losses, mask, 2), 3.0)  # (2 + 4) / 2
    close(aggregate.seq_mean_token_sum(losses, mask, 2), 5.0)  # (6 + 4) / 2
    close(aggregate.rows_mean(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]), 1.5), 4 / 3)
