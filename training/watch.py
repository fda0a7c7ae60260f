"""When a curve is cause for alarm, and what to say of it. Pure: points in, words out."""

from dataclasses import dataclass, field

import numpy as np

from training.chunks import Points

KL = "objective/kl"
IN_A_ROW = 3  # one point over the budget is noise; three logged ones are a fact


@dataclass(frozen=True)
class Finding:
    """What is wrong, since which step, the evidence, the likely cause, and what to do."""

    kind: str
    step: int
    metric: str
    title: str
    cause: str
    advice: str
    evidence: dict = field(default_factory=dict)


def over_budget_since(points: Points, budget: float) -> int | None:
    """The step from which the last IN_A_ROW or more logged points lie over `budget`, if they do."""
    over = points.values > budget
    run = len(over) if over.all() else int(np.argmin(over[::-1]))
    return int(points.steps[len(over) - run]) if run >= IN_A_ROW else None


def within_budget_again(points: Points, budget: float) -> bool:
    """Whether the last IN_A_ROW points all lie inside."""
    return len(points.values) >= IN_A_ROW and bool((points.values[-IN_A_ROW:] <= budget).all())


def broken_step(points: Points) -> tuple[int, float] | None:
    """The first step whose value is not finite, and that value."""
    bad = np.flatnonzero(~np.isfinite(points.values))
    return (int(points.steps[bad[0]]), float(points.values[bad[0]])) if len(bad) else None


def change(points: Points | None, since: int) -> tuple[float, float] | None:
    """Mean before and after `since` (the window after, as many points as before at most)."""
    if points is None or not len(points.steps):
        return None
    after = points.values[points.steps >= since]
    before = points.values[points.steps < since][-max(5, len(after)) :]
    after, before = after[np.isfinite(after)], before[np.isfinite(before)]
    return (float(before.mean()), float(after.mean())) if len(after) and len(before) else None


def kl_finding(*, since: int, budget: float, kl: Points, reward, length, beta, safe_step: int | None) -> Finding:
    """KL over its budget. `reward` and `length` are (before, after) where known."""
    now = float(kl.values[-1])
    evidence = {"budget": budget, "since": since, "now": f"{now:.6g}", "points": int((kl.steps >= since).sum())}
    said = [f"The last {evidence['points']} logged values lie over the budget; the newest is {now:.2f} nats."]
    causes = []
    if reward:
        evidence["reward"] = reward
        said.append(f"Mean reward went from {reward[0]:.3g} to {reward[1]:.3g} meanwhile.")
    if length:
        evidence["length"] = length
        said.append(f"Completions went from {length[0]:.0f} to {length[1]:.0f} tokens.")
    if reward and length and reward[1] > reward[0] and length[1] > 1.1 * length[0]:
        causes.append("Reward and length rise together, so part of the gain is probably length and not quality.")
    elif reward and reward[1] <= reward[0]:
        causes.append("The policy moves without gaining reward: the learning rate is probably too high.")
    else:
        causes.append("The policy is paid for moving away faster than the KL term holds it back.")
    advice = f"Raise beta (now {beta:g}) or lower the learning rate" if beta is not None else "Lower the learning rate"
    keep = (
        f", or stop and keep the checkpoint of step {safe_step:,}, the last one inside the budget."
        if safe_step
        else "."
    )
    return Finding(
        kind="kl_budget",
        step=since,
        metric=KL,
        title=f"KL went over its budget of {budget:g} at step {since:,} and stays there",
        cause=" ".join(said + causes),
        advice=advice + keep,
        evidence=evidence,
    )


def broken_finding(key: str, step: int, value: float, last_finite: float | None) -> Finding:
    """A value that is not a number, in one metric."""
    word = "not a number" if value != value else "infinite"
    before = f" Before that it was {last_finite:.4g}." if last_finite is not None else ""
    return Finding(
        kind="not_a_number",
        step=step,
        metric=key,
        title=f"{key} is {word} at step {step:,}",
        cause=f"The value logged at step {step:,} is {word}.{before} Usually a learning rate so high that the weights "
        "overflowed, less often a row with an extreme margin or weight.",
        advice="Clone the run with a tenth of the learning rate, or with max_grad_norm at 1 or below. Checkpoints from "
        "before this step are sound.",
        evidence={"value": str(value), "before": last_finite},
    )
