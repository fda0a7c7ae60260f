"""The baseline every reward model should know: a linear model on the difference of word counts."""

import re
from collections.abc import Sequence

from scipy.sparse import vstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

Row = tuple[tuple[str, str], bool]  # (chosen, rejected), whether it is held out


def bag_of_words(rows: Sequence[Row]) -> float:
    """Held-out accuracy. Each pair is learnt in both orders, so that no side is favoured."""
    training = [pair for pair, held_out in rows if not held_out]
    testing = [pair for pair, held_out in rows if held_out]
    counter = CountVectorizer(min_df=3, tokenizer=re.compile(r"\w+").findall, token_pattern=None, binary=True)
    counter.fit([text for pair in training for text in pair])
    difference = counter.transform([a for a, _ in training]) - counter.transform([b for _, b in training])
    model = LogisticRegression(C=0.05, fit_intercept=False, max_iter=2000)
    both = [difference, -difference]
    model.fit(vstack(both), [1] * len(training) + [0] * len(training))
    margin = model.decision_function(
        counter.transform([a for a, _ in testing]) - counter.transform([b for _, b in testing])
    )
    return float(((margin > 0) + 0.5 * (margin == 0)).mean())
