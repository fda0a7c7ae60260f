"""Errors that people read. Everything else is a bug: logged, raised again, never shown."""


class Refused(Exception):
    """A rule of the product says no. The text says what, where and how to mend it."""

    def __init__(self, message: str, *, code: str = "refused", status: int = 422, problems: list[dict] | None = None):
        super().__init__(message)
        self.code = code
        self.status = status
        self.problems = problems or []
