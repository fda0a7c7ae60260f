"""What must hold for every algorithm, whatever it says: checked on random numbers for each recipe."""

import dataclasses
import typing

import pytest
import torch

from training.engine import batches, metrics, registry, settings
from training.engine.meters import Meters

RECIPES = list(registry.recipes().values())
ROWS, WIDTH = 6, 5


def completions(generator, *, pad=0, shift=0.0):
    """Random log-probabilities, longer rows first; `pad` columns of nothing behind them."""
    lengths = torch.tensor([5, 4, 3, 2, 5, 1])
    mask = (torch.arange(WIDTH + pad)[None] < lengths[:, None]).float()
    logps = -torch.rand(ROWS, WIDTH, generator=generator) - 0.1 + shift
    logps = torch.nn.functional.pad(logps, (0, pad)) * mask
    return batches.Completions(
        logps.detach().requires_grad_(), mask, correct=mask.clone(), entropy=mask.clone()
    )  # fmt: skip


def leaves(batch):
    """The tensors that a policy would learn through."""
    if isinstance(batch, batches.ScoredPairs):
        return [batch.chosen, batch.rejected]
    if isinstance(batch, batches.Pairs):
        return [batch.chosen.logps, batch.rejected.logps]
    return [batch.policy.logps]


def make(kind, pad=0):
    generator = torch.Generator().manual_seed(4)
    if kind is batches.Demonstrations:
        return batches.Demonstrations(completions(generator, pad=pad))
    if kind is batches.ScoredPairs:
        chosen, rejected = (torch.randn(ROWS, generator=generator).requires_grad_() for _ in range(2))
        return batches.ScoredPairs(chosen, rejected, torch.rand(ROWS, generator=generator), torch.ones(ROWS))
    if kind is batches.Pairs:
        chosen, rejected = (completions(generator, pad=pad) for _ in range(2))
        reference = [-3 * torch.rand(ROWS, generator=generator) for _ in range(2)]
        return batches.Pairs(chosen, rejected, *reference, torch.ones(ROWS))
    policy = completions(generator, pad=pad)
    near = [policy.logps.detach() + 0.05 * policy.mask * sign for sign in (1, -1)]
    credit = torch.tensor([1.0, -1.0, 0.5, -0.5, 2.0, -2.0])[:, None].expand_as(policy.mask)
    return batches.Rollouts(policy, credit, old=near[0], reference=near[1])


def case(recipe):
    algorithm = recipe.algorithm(**recipe.fixed)
    kind = typing.get_type_hints(recipe.algorithm.loss)["batch"]
    return algorithm, kind


def measured(recipe, batch):
    algorithm, _kind = case(recipe)
    tokens = float(sum(leaf.shape[-1] for leaf in leaves(batch)))
    loss, found = algorithm.loss(batch, batches.Window(rows=float(ROWS), tokens=tokens))
    return loss, found


every = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@every
def test_finite_scalar_loss_and_a_gradient_for_each_log_probability(recipe):
    batch = make(case(recipe)[1])
    loss, _found = measured(recipe, batch)
    assert loss.shape == ()
    assert torch.isfinite(loss)
    loss.backward()
    for leaf in leaves(batch):
        real = torch.ones_like(leaf) if leaf.ndim == 1 else (leaf != 0).float()
        assert torch.isfinite(leaf.grad).all()
        assert ((leaf.grad != 0).float() == real).all(), "every real one, and no padding"


@every
def test_metrics_carry_no_gradient_and_are_in_the_vocabulary(recipe):
    _loss, found = measured(recipe, make(case(recipe)[1]))
    meters = Meters()
    meters.add(found)
    assert meters.finite()
    for key, value in found.items():
        metrics.metric(key)
        parts = value if isinstance(value, tuple) else (value.value,)
        assert not any(isinstance(part, torch.Tensor) and part.requires_grad for part in parts), key


@every
def test_padding_changes_neither_loss_nor_gradient(recipe):
    algorithm, kind = case(recipe)
    window = batches.Window(rows=float(ROWS), tokens=20.0)
    plain, padded = make(kind), make(kind, pad=3)
    losses = []
    for batch in (plain, padded):
        loss, _found = algorithm.loss(batch, window)
        loss.backward()
        losses.append(loss)
    assert torch.allclose(*losses, atol=1e-7)
    for first, second in zip(leaves(plain), leaves(padded), strict=True):
        width = first.shape[-1]
        assert torch.allclose(first.grad, second.grad[..., :width], atol=1e-7)


@every
def test_the_gradient_raises_what_is_preferred(recipe):
    batch = make(case(recipe)[1])
    loss, _found = measured(recipe, batch)
    loss.backward()
    if isinstance(batch, batches.Rollouts):
        towards = -(batch.policy.logps.grad * batch.advantages)
        # beside the pull to the reference, which is alike for all tokens here
        rows = towards.sum(-1)
        assert rows.sum() > 0
        return
    wanted, *unwanted = leaves(batch)
    assert (wanted.grad <= 0).all()
    for leaf in unwanted:
        assert (leaf.grad >= 0).all()


@every
def test_micro_batches_add_up(recipe):
    """The window counts, not the micro-batch: one of six rows equals two of three."""
    algorithm, kind = case(recipe)
    window = batches.Window(rows=float(ROWS), tokens=20.0)
    whole, _found = algorithm.loss(make(kind), window)

    def part(value, index):
        if isinstance(value, torch.Tensor):
            return value.chunk(2)[index]
        if dataclasses.is_dataclass(value):
            return dataclasses.replace(value, **{f.name: part(getattr(value, f.name), index) for f in fields(value)})
        return value

    parts = [algorithm.loss(part(make(kind), index), window)[0] for index in (0, 1)]
    assert torch.allclose(whole, sum(parts), atol=1e-6)


fields = dataclasses.fields


@every
def test_settings_are_few_frozen_and_explained(recipe):
    own = [field for field in fields(recipe.algorithm) if field.name in recipe.algorithm.__annotations__]
    assert 1 <= len(own) <= 6
    assert recipe.algorithm.__dataclass_params__.frozen
    for row in settings.describe(recipe.algorithm):
        assert row["help"]
        if row["type"] in ("int", "float"):
            assert row["low"] is not None
            assert row["high"] is not None
