"""How a speaker is asked to sample. Pure."""


def again(sampling: dict, attempt: int) -> dict:
    """What was said once and could not be read is asked for with some chance, or it would be said again."""
    if not attempt:
        return sampling
    return sampling | {"temperature": max(0.7, sampling["temperature"]), "seed": sampling["seed"] + attempt}
