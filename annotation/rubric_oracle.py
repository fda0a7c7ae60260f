"""What rubric scores must come to: rows for `manage.py verify`. Pure."""

import numpy as np

from annotation import rubric_scores


def grape_rubric() -> list[dict]:
    """Equation 15 of R. Patel (2025), section 6.1, as printed and bounded, and Lemma 8.1."""

    def scored(form, scores, weights, confidences) -> float:
        return rubric_scores.total(form)(*(np.array(values) for values in (scores, weights, confidences)))

    def told(source: str, oracle: str, expected: float, measured: float) -> dict:
        return {
            "method": "grape_rubric",
            "source": source,
            "oracle": oracle,
            "expected": expected,
            "measured": float(measured),
            "tolerance": 1e-12,
            "passed": bool(abs(measured - expected) <= 1e-12),
        }

    # rho = 2: 2 (0.5 * 1 * 0.9 + 0.5 * 0 * 0.3) / (0.9 + 0.3) = 0.9 / 1.2
    halves = ((1.0, 0.0), (0.5, 0.5), (0.9, 0.3))
    # 2 (1 * 1 * 1 + 0) / (1 + 0.25) = 1.6: a perfect answer beyond one; the bounded form gives it one.
    beyond = ((1.0, 1.0), (1.0, 0.0), (1.0, 0.25))
    # Lemma 8.1 with sigma = (1, 2) and phibar inverse to variance: the score is linear in tau, so its variance is the
    # sum of squared coefficients times variances. Equal phibar: (1 + 4) / 4; inverse: 1 / (1 + 1/4).
    variances = np.array([1.0, 4.0])

    def variance(weights, confidences) -> float:
        return float(np.array([scored("as_printed", one, weights, confidences) for one in np.eye(2)]) ** 2 @ variances)

    return [
        told("eq. 15, by hand", "as printed, two items", 0.75, scored("as_printed", *halves)),
        told("eq. 15, by hand", "bounded, two items", 0.75, scored("bounded", *halves)),
        told("eq. 15, by hand", "as printed exceeds one", 1.6, scored("as_printed", *beyond)),
        told("eq. 15, by hand", "bounded does not", 1.0, scored("bounded", *beyond)),
        told("section 6.1", "one item is GRPO's reward", 0.3, scored("as_printed", (0.3,), (1.0,), (0.4,))),
        told("lemma 8.1", "variance of the plain mean", 1.25, variance((0.5, 0.5), (1.0, 1.0))),
        told("lemma 8.1", "variance of the weighted mean", 0.8, variance((0.5, 0.5), 1 / variances)),
        # omega = (1, 0) gives 1.6 tau_1, and 1.6^2 is more than the 1 of tau_1 alone: the paper says so itself.
        told("beyond lemma 8.1", "unequal weights can raise it", 2.56, variance((1.0, 0.0), 1 / variances)),
    ]
