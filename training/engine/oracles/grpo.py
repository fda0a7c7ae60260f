"""C10, and the identities that tie GRPO to its relatives (ALGORITHMS, core identities 5 and 6)."""

import itertools

import torch
from torch import Tensor

from training.engine.algorithms.grpo import GRPO
from training.engine.batches import Rollouts, Window
from training.engine.maths import advantages
from training.engine.oracles.population import gradient, one_token, rest
from training.engine.oracles.tables import BETA, POLICY_A3, REFERENCE, REWARD, REWARD_A3, numbers

SOURCE = "ALGORITHMS C10 (d), identities 5 and 6"
STEPS, STEP_MASK = numbers(0.5, 1, 0, 0, 0.25, 0.75).view(2, 3), numbers(1, 1, 0, 1, 1, 1).view(2, 3)


def rows():
    yield from outcome()
    yield from process()
    yield from expectation()
    yield from identities()
    yield from fixed_points()


def outcome():
    group = numbers(1, 0, 0, 1)[None]
    sign = numbers(1, -1, -1, 1)
    for ddof, eps, size in ((0, 0.0, 1.0), (1, 0.0, 0.866025), (0, 1e-4, 0.999800), (1, 1e-4, 0.865875)):
        found = advantages.group_zscore(group, ddof, eps)[0]
        yield f"advantages of rewards 1 0 0 1, ddof {ddof}, eps {eps:g}", size * sign, found, 1e-6


def process():
    for ddof, wanted in (
        (0, [[1.414214, 1.414214, 0.0], [-1.414214, 0.0, 0.707107]]),
        (1, [[1.264911, 1.264911, 0.0], [-1.264911, 0.0, 0.632456]]),
    ):
        found = advantages.group_process(STEPS, STEP_MASK, ddof)
        yield f"advantages of rewarded steps, ddof {ddof}", wanted, found, 1e-6


def expectation():
    """Over all 27 groups of three answers of A3, each with its probability: the gradient that GRPO follows."""
    for ddof, wanted in ((1, (0.057725, -0.233172, 0.175447)), (0, (0.070696, -0.285567, 0.214872))):
        algorithm = GRPO(beta=0.0, ddof=ddof)
        total = torch.zeros(3, dtype=torch.float64)
        for group in itertools.product(range(3), repeat=3):
            drawn = torch.tensor(group)
            credit = algorithm.advantages(REWARD_A3[drawn][None])[0]

            def loss(logits: Tensor, drawn=drawn, credit=credit, algorithm=algorithm) -> Tensor:
                return _loss(algorithm, logits.log_softmax(-1)[drawn], credit)

            total -= POLICY_A3[drawn].prod() * gradient(loss, POLICY_A3.log())
        yield f"expected gradient of groups of three, ddof {ddof}", wanted, total, 1e-6


def identities():
    rewards = numbers(0.3, 1.7, -0.4, 2.0, 0.9)[None]
    size = rewards.shape[-1]
    others = (rewards.sum() - rewards) / (size - 1)
    centred = advantages.group_centred(rewards)
    yield (
        "centred advantages are (G - 1)/G of leave-one-out ones",
        (size - 1) / size * (rewards - others),
        centred,
        1e-12,
    )
    binary = numbers(1, 0, 0, 0, 1)[None]
    share = binary.mean()
    scaled = advantages.group_centred(binary) / (share * (1 - share)).sqrt()
    yield "binary rewards: GRPO is centred over sqrt(p (1 - p))", scaled, advantages.group_zscore(binary, 0, 0.0), 1e-12
    level = advantages.group_zscore(torch.full((1, 7), 0.1, dtype=torch.float64))
    yield "a group without spread has advantage 0", torch.zeros(1, 7), level, 0.0


def fixed_points():
    """Exact expectations on B4 with k3 in the loss: where learning comes to rest."""
    algorithm = GRPO(beta=BETA)
    for name, scaled, wanted in (
        ("centred advantages: beta ref / (beta + E r - r)", False, (0.093699, 0.132217, 0.743494, 0.030590)),
        ("divided by the deviation", True, (0.050889, 0.074136, 0.858177, 0.016797)),
    ):

        def loss(logits: Tensor, scaled=scaled) -> Tensor:
            logps = logits.log_softmax(-1)
            pi = logps.exp().detach()
            centred = REWARD - pi @ REWARD
            credit = centred / (pi @ centred.square()).sqrt() if scaled else centred
            answers = [
                _loss(algorithm, logps[[y]], credit[[y]], REFERENCE.log()[[y]]) * pi[y] for y in range(4)
            ]  # fmt: skip
            return torch.stack(answers).sum()

        yield f"rest of the policy, {name}", wanted, rest(loss, REFERENCE.log()).softmax(-1), 1e-5


def _loss(algorithm: GRPO, logps: Tensor, credit: Tensor, reference: Tensor | None = None) -> Tensor:
    batch = Rollouts(
        one_token(logps), credit[:, None], reference=None if reference is None else reference[:, None]
    )  # fmt: skip
    return algorithm.loss(batch, Window(rows=float(len(logps))))[0]
