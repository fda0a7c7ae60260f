"""C0: what k1, k2 and k3 estimate, and where a loss that holds them pulls the policy."""

from collections.abc import Callable

from torch import Tensor

from training.engine.maths import kl
from training.engine.oracles.population import gradient, rest
from training.engine.oracles.tables import (
    BETA,
    REFERENCE,
    REFERENCE_T2,
    REWARD,
    REWARD_T2,
    TILTED,
    numbers,
    t2_logps,
)

SOURCE = "ALGORITHMS C0 (d)"
POLICY = numbers(0.5, 0.2, 0.2, 0.1)
BEST_T2 = (0.510534, 0.760004, 0.880797)


def rows():
    yield from values()
    yield from gradients()
    yield from rests_on_one_token()
    yield from rests_on_two_tokens()


def values():
    u = POLICY.log() - REFERENCE.log()
    yield "KL, exact", 0.030479, kl.exact(POLICY.log(), REFERENCE.log()), 1e-6
    for name, estimator, wanted in (("k1", kl.k1, 0.030479), ("k2", kl.k2, 0.028888), ("k3", kl.k3, 0.030479)):
        yield f"mean of {name}", wanted, POLICY @ estimator(u), 1e-6


def gradients():
    """Of the mean over samples of the policy, the samples themselves held fixed."""
    true = (0.096332, -0.087189, -0.006096, -0.003048)
    yield "gradient of the exact KL", true, gradient(_exact, POLICY.log()), 1e-6
    for name, estimator, wanted in (
        ("k1", kl.k1, (0, 0, 0, 0)),
        ("k2", kl.k2, true),
        ("k3", kl.k3, (0.1, -0.1, 0, 0)),
        ("k3 straight through k2", kl.k3_plus, true),
    ):
        yield f"gradient of {name} as a loss", wanted, gradient(_penalty(estimator), POLICY.log()), 1e-6


def _exact(logits: Tensor) -> Tensor:
    return kl.exact(logits.log_softmax(-1), REFERENCE.log())


def _penalty(estimator: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    def loss(logits: Tensor) -> Tensor:
        logps = logits.log_softmax(-1)
        return logps.exp().detach() @ estimator(logps - REFERENCE.log())

    return loss


def rests_on_one_token():
    def with_penalty(estimator: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        def loss(logits: Tensor) -> Tensor:
            logps = logits.log_softmax(-1)
            gain = logps.exp().detach() @ (REWARD * logps)
            return -gain + BETA * _penalty(estimator)(logits)

        return loss

    def in_reward(logits: Tensor) -> Tensor:
        logps = logits.log_softmax(-1)
        credit = (REWARD - BETA * kl.k1(logps - REFERENCE.log())).detach()
        return -(logps.exp().detach() @ (credit * logps))

    start = REFERENCE.log()
    forward = (0.093699, 0.132217, 0.743494, 0.030590)
    yield "B4: k1 in the reward comes to rest at the tilted reference", TILTED, rest(in_reward, start).softmax(-1), 1e-5
    yield "B4: k2 in the loss does too", TILTED, rest(with_penalty(kl.k2), start).softmax(-1), 1e-5
    yield "B4: k3 in the loss rests elsewhere", forward, rest(with_penalty(kl.k3), start).softmax(-1), 1e-5
    logits = start.clone()
    for _step in range(3000):
        logits = logits - gradient(with_penalty(kl.k1), logits)
    yield "B4: k1 in the loss holds nothing: the best answer takes all", 1.0, logits.softmax(-1)[2], 1e-2


def rests_on_two_tokens():
    """T2 as P(0), P(1 | 0), P(0 | 1): a sum over tokens forgets what a token does to later KL."""
    reference = t2_logps(REFERENCE_T2.logit())

    def rested(penalty: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
        def loss(logits: Tensor) -> Tensor:
            logps = t2_logps(logits)
            whole = logps.sum(-1)
            return whole.exp().detach() @ (-REWARD_T2 * whole + BETA * penalty(logps - reference, whole))

        return rest(loss, REFERENCE_T2.logit()).sigmoid()

    cases = (
        ("k1 in the reward", lambda u, whole: kl.k1(u.sum(-1)).detach() * whole, BEST_T2),
        ("k2 of the sequence", lambda u, _whole: kl.k2(u.sum(-1)), BEST_T2),
        ("k2 of each token", lambda u, _whole: kl.k2(u).sum(-1), (0.540878, 0.760004, 0.880797)),
        ("k3 of each token", lambda u, _whole: kl.k3(u).sum(-1), (0.551500, 0.710977, 0.809017)),
        ("k3 of the sequence", lambda u, _whole: kl.k3(u.sum(-1)), (0.524110, 0.680095, 0.832229)),
    )
    for name, penalty, wanted in cases:
        yield f"T2: {name} comes to rest", wanted, rested(penalty), 1e-5
