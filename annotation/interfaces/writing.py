"""What the ways share whose answer is a text: how it is cleaned, counted, and refused. Pure."""

from annotation.interfaces.answers import Problems

TEXT_LIMIT = 50_000


def clean_reply(value) -> str:
    """Text as it can be stored and trained on: no NUL, one kind of line end, no space around it."""
    return str(value or "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def read_reply(payload: dict, least_words: int, problems: Problems) -> str:
    """The text of an answer, checked for its length."""
    text = clean_reply(payload.get("text"))
    words = len(text.split())
    if not text:
        problems.add("text", "Nothing is written yet.")
    elif words < least_words:
        problems.add("text", f"The task asks for {least_words} words or more; this has {words}.")
    if len(text) > TEXT_LIMIT:
        problems.add("text", f"The text has {len(text):,} characters; {TEXT_LIMIT:,} fit.")
    return text


def counted(text: str) -> str:
    words = len(text.split())
    return f"{words:,} word{'' if words == 1 else 's'}"
