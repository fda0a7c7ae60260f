"""KL between policy and reference from samples of the policy. u = log pi - log pi_ref, any shape in and out.

Values: E[k1] = E[k3] = KL(pi || ref), k2 is off by O(u^3). Gradients, as a loss on on-policy samples, are another
matter: k1 gives none in expectation, k2 that of KL(pi || ref), k3 that of KL(ref || pi). Source: Schulman 2020,
"Approximating KL divergence"; gradients: ALGORITHMS C0 and the `kl_estimators` oracle.
"""

from torch import Tensor


def k1(u: Tensor) -> Tensor:
    """u."""
    return u


def k2(u: Tensor) -> Tensor:
    """u^2 / 2."""
    return u.square() / 2


def k3(u: Tensor) -> Tensor:
    """exp(-u) - 1 + u, never negative; u is clamped to [-20, 20]."""
    u = u.clamp(-20, 20)
    return (-u).exp() - 1 + u


def k3_plus(u: Tensor) -> Tensor:
    """The value of k3 with the gradient of k2 (straight through), so that it pulls towards the reverse KL."""
    return k2(u) + (k3(u) - k2(u)).detach()


def exact(logps: Tensor, reference: Tensor) -> Tensor:
    """sum_v pi(v) (log pi(v) - log pi_ref(v)) over the last dimension: [..., V] log-probabilities to [...]."""
    return (logps.exp() * (logps - reference)).sum(-1)
