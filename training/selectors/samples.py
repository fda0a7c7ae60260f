"""Completions logged while training: one prompt at a time, over the logged steps."""

from dataclasses import dataclass

from training.models import Run, Sample


@dataclass(frozen=True)
class Timeline:
    """One prompt's answers: the logged steps, the reward at each, and the three that stand beside each other."""

    prompt_index: int
    prompt_indices: list[int]
    prompt: list[dict]
    steps: list[int]
    rewards: list[float | None]
    shown: list[Sample]

    @property
    def number(self) -> int:
        return self.prompt_indices.index(self.prompt_index) + 1

    @property
    def before(self) -> int | None:
        at = self.prompt_indices.index(self.prompt_index)
        return self.prompt_indices[at - 1] if at else None

    @property
    def after(self) -> int | None:
        at = self.prompt_indices.index(self.prompt_index)
        return self.prompt_indices[at + 1] if at + 1 < len(self.prompt_indices) else None

    @property
    def step(self) -> int:
        return self.shown[-1].step

    @property
    def last_step(self) -> int:
        return self.steps[-1]

    @property
    def position(self) -> int:
        return self.steps.index(self.step)


def timeline(
    run: Run, *, prompt: int | None = None, step: int | None = None, position: int | None = None
) -> Timeline | None:
    """None while nothing was logged. `position` counts logged steps; an unknown prompt or step becomes the nearest."""
    indices = sorted(run.samples.values_list("prompt_index", flat=True).distinct())
    if not indices:
        return None
    prompt = prompt if prompt in indices else indices[0]
    rows = list(run.samples.filter(prompt_index=prompt).order_by("step").values_list("step", "rewards"))
    steps = [row_step for row_step, _ in rows]
    if position is not None:
        step = steps[min(max(position, 0), len(steps) - 1)]
    chosen = min(steps, key=lambda known: abs(known - step)) if step is not None else steps[-1]
    first, middle = steps[0], steps[len([known for known in steps if known <= chosen]) // 2]
    wanted = sorted({first, min(middle, chosen), chosen})
    shown = list(run.samples.filter(prompt_index=prompt, step__in=wanted).order_by("step"))
    return Timeline(prompt, indices, shown[-1].prompt, steps, [_total(rewards) for _, rewards in rows], shown)


def spark(rewards: list[float | None], *, width: int = 620, height: int = 60) -> str:
    """The points of a polyline, empty where there is no reward to draw."""
    known = [value for value in rewards if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span, last = (high - low) or 1.0, max(1, len(rewards) - 1)
    return " ".join(
        f"{at / last * width:.1f},{height - 5 - (value - low) / span * (height - 10):.1f}"
        for at, value in enumerate(rewards)
        if value is not None
    )


def _total(rewards: dict) -> float | None:
    """The weighted total where the engine gives one, else the sum over sources."""
    if "total" in rewards:
        return rewards["total"]
    numbers = [value for value in rewards.values() if isinstance(value, int | float)]
    return sum(numbers) if numbers else None
