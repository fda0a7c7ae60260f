"""Which format an upload likely has: by the fields of its files' first rows. A proposal, to be confirmed. Pure."""

from dataclasses import dataclass

from annotation.importers import COLUMNS, FORMATS, PROJECT, columns, found_in
from annotation.importers.bundle import Bundle
from annotation.importers.reading import first_rows
from annotation.importers.records import Problem


@dataclass(frozen=True)
class Proposal:
    """The format, in words why, and for a plain table what its columns may be. `columns` are the names there are."""

    format: str
    reason: str
    columns: tuple[str, ...] = ()
    mapping: dict[str, str] | None = None


def proposal(bundle: Bundle) -> Proposal:
    """The likeliest format of an upload; plain columns where nothing is recognised."""
    first = [(name, row) for name, row in first_rows(bundle) if isinstance(row, dict)]
    best, why, most = "", "", 0
    for name, row in first:
        for format in FORMATS.values():
            for fields in format.marks:
                if len(fields) > most and fields <= row.keys():
                    best, why, most = format.name, f"{name} has the fields {_words(fields, row)}", len(fields)
    if best == "trl_preference" and any(_is_transcript(row) for _, row in first):
        best, why = "hh_rlhf", "chosen and rejected are whole transcripts with Human: and Assistant: turns"
    names = tuple(dict.fromkeys(str(key) for _, row in first for key in row))
    mapping = columns.proposed(list(names))
    if not best:
        return Proposal(COLUMNS, "no known format has fields of these names", names, mapping)
    return Proposal(best, why, names, mapping)


def _words(fields: frozenset[str], row: dict) -> str:
    ordered = [name for name in row if name in fields]
    return f"{', '.join(ordered[:-1])} and {ordered[-1]}" if len(ordered) > 1 else ordered[0]


def _is_transcript(row: dict) -> bool:
    chosen = row.get("chosen")
    return isinstance(chosen, str) and ("\n\nAssistant:" in chosen or chosen.lstrip().startswith("Human:"))


def sample(bundle: Bundle, format: str, mapping: dict[str, str] | None = None, *, count: int = 5) -> list:
    """(place, record, row left out, or problem) of the first rows, as they will look. Nothing for a whole project."""
    if format == PROJECT:
        return []
    found = []
    for place, thing in found_in(bundle, format, mapping):
        found.append((place, thing))
        if len(found) >= count:
            break
    return found


def problem_count(found: list) -> int:
    return sum(isinstance(thing, Problem) for _, thing in found)
