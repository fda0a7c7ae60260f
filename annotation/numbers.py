"""Numbers out of addresses. Pure."""


def whole_number(given) -> int:
    """A whole number that a database can hold; 0 where there is none."""
    text = str(given or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
