"""GSM8K's exact match: the last number of the completion equals the label (ALGORITHMS G1, after open-instruct).

A quirk kept for comparability: a sign counts only before decimals, so "x=5-3" and "-3" both give 3. Without any number
the whole completion is compared.
"""

import re

NAME = "gsm8k"
TITLE = "GSM8K exact match"
HELP = "1 when the last number of the completion, without thousands commas, is the row's reference."
OPTIONS = {"signed_integers": "Count the sign of whole numbers too."}

COMMAS = re.compile(r"(\d),(\d)")
NUMBER = re.compile(r"[-+]?\d*\.\d+|\d+")
SIGNED = re.compile(r"[-+]?(?:\d*\.\d+|\d+)")


def extract(text: str, *, signed_integers: bool = False) -> str:
    plain = COMMAS.sub(r"\1\2", text)
    found = (SIGNED if signed_integers else NUMBER).findall(plain)
    return found[-1] if found else plain


def check(completion: str, reference: str, *, signed_integers: bool = False) -> float:
    if not reference:
        raise ValueError("gsm8k needs a reference in every row")
    label = reference.split("####")[-1].strip()
    label = COMMAS.sub(r"\1\2", label)
    return float(extract(completion, signed_integers=signed_integers).lower() == label.lower())
