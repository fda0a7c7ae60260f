"""The form of a snapshot: which judgments, what they become, its name."""

import dataclasses

from django import forms

from annotation import policy
from annotation.errors import Refused
from annotation.forms.house import HouseForm
from annotation.models import Project, RubricVersion, Snapshot
from annotation.selectors import data
from annotation.selectors.label_weights import weighed
from annotation.selectors.rubrics import newest_versions
from annotation.selectors.snapshot_source import criteria_of, filter_choices
from annotation.snapshot_filters import ORIGINS, RATER_KINDS, Filters

_MINIMUM = [
    (1, "Every answer that takes a side"),
    (2, "Two steps from the middle or more"),
    (3, "Three steps or more"),
    (4, "Four steps: much better, on the 8-step scale"),
]


_POLICY = {field.name for field in dataclasses.fields(policy.Policy)}


class SnapshotForm(HouseForm):
    """`filters` and `policy` are what the services take. The preview reads it without a name."""

    format = forms.ChoiceField(
        choices=Snapshot.Format.choices, initial=Snapshot.Format.PREFERENCE, widget=forms.RadioSelect
    )
    rater_kinds = forms.MultipleChoiceField(required=False, label="Judged by", widget=forms.CheckboxSelectMultiple)
    origins = forms.MultipleChoiceField(required=False, label="Given in", widget=forms.CheckboxSelectMultiple)
    raters = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label="Only these raters",
        widget=forms.SelectMultiple({"class": "input", "size": 5}),
    )
    since = forms.DateField(required=False, label="From", widget=forms.DateInput({"type": "date", "class": "input"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput({"type": "date", "class": "input"}))
    guides = forms.TypedMultipleChoiceField(
        required=False, coerce=int, label="Guide", widget=forms.CheckboxSelectMultiple
    )
    prompt_sets = forms.MultipleChoiceField(required=False, label="Prompt sets", widget=forms.CheckboxSelectMultiple)
    categories = forms.MultipleChoiceField(required=False, label="Categories", widget=forms.CheckboxSelectMultiple)
    open_votes = forms.BooleanField(
        required=False, label="Votes that were not blind", help_text="Given after looking at names or rewards."
    )
    surplus = forms.BooleanField(
        required=False, label="Late answers", help_text="Given after the pair had gone to somebody else."
    )
    criterion = forms.ChoiceField(
        required=False, label="Preferred by", help_text="Of pairs graded by several criteria: which one decides.",
    )  # fmt: skip
    margins = forms.ChoiceField(
        label="Strength becomes", choices=list(policy.MARGIN_TITLES.items()), initial="graded", widget=forms.RadioSelect
    )
    minimum = forms.TypedChoiceField(
        label="What counts as decided", choices=_MINIMUM, coerce=int, initial=1, help_text="Weaker answers are ties."
    )
    ties = forms.ChoiceField(
        label="A tie becomes", choices=list(policy.TIES.items()), initial="drop", widget=forms.RadioSelect
    )
    both_bad = forms.ChoiceField(
        label="“Both bad” becomes",
        choices=list(policy.BOTH_BAD.items()),
        initial="thumbs_down",
        widget=forms.RadioSelect,
    )
    several = forms.ChoiceField(
        label="Several judgments of a pair", choices=list(policy.SEVERAL.items()), initial="each",
        widget=forms.RadioSelect,
    )  # fmt: skip
    neutral = forms.ChoiceField(
        label="A neutral step becomes", choices=list(policy.NEUTRAL.items()), initial="good", required=False
    )
    edit_margin = forms.TypedChoiceField(
        label="An edit is better by", choices=[(margin, f"{margin:g}") for margin in policy.EDIT_MARGINS],
        coerce=float, empty_value="", initial=1.0, required=False,
        help_text="The margin of an edited reply over the one it improves.",
    )  # fmt: skip
    duplicates = forms.ChoiceField(
        label="Equal rows", choices=list(policy.DUPLICATES.items()), initial="keep", widget=forms.RadioSelect
    )
    totals = forms.ChoiceField(
        label="Scores on a rubric become", choices=list(policy.TOTALS.items()), initial="bounded",
        widget=forms.RadioSelect,
    )  # fmt: skip
    liked = forms.FloatField(
        label="A thumb up from a total of", initial=0.5, min_value=0, max_value=1, help_text="From 0 to 1."
    )
    rubric = forms.ModelChoiceField(
        RubricVersion.objects.none(), required=False, label="Freeze a rubric with it", empty_label="none",
        help_text="A run that scores by a rubric takes it from here: items, weights and prompts as they are now.",
    )  # fmt: skip
    rank_pairs = forms.ChoiceField(
        label="Pairs of a ranking", choices=list(policy.RANK_PAIRS.items()), initial="all", widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    rank_margins = forms.ChoiceField(
        label="Their margin", choices=list(policy.RANK_MARGINS.items()), initial="share", widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    up_from = forms.FloatField(
        min_value=0, max_value=1, initial=0.75, required=False, label="A rating is a thumb up from",
        help_text="Of 0, the lowest step, to 1, the highest: 4 of 5 is 0.75.",
    )  # fmt: skip
    down_to = forms.FloatField(
        min_value=0, max_value=1, initial=0.25, required=False, label="and a thumb down up to",
        help_text="2 of 5 is 0.25. Between the two it is neither.",
    )  # fmt: skip
    criterion = forms.CharField(
        max_length=60, required=False, label="Criterion of a rating", help_text="Empty: the mean of all."
    )
    implicit = forms.ChoiceField(
        label="Captured behaviour becomes", choices=list(policy.IMPLICIT.items()), initial="drop",
        widget=forms.RadioSelect, required=False,
    )  # fmt: skip
    weights = forms.ChoiceField(
        label="What a row weighs", choices=list(policy.WEIGHTS.items()), initial="none", required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    soft = forms.ChoiceField(
        label="A judge's soft label becomes", choices=list(policy.SOFT.items()), initial="ignore",
        widget=forms.RadioSelect,
    )  # fmt: skip
    name = forms.CharField(
        max_length=120, required=False, help_text="Cannot be changed once frozen.",
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args, project: Project, **kwargs):
        super().__init__(*args, **kwargs)
        for name in _POLICY & self.fields.keys():
            self.fields[name].required = False  # what is not said is as usual
        self.project = project
        found = filter_choices(project)
        self._offer("rater_kinds", [(kind, f"{RATER_KINDS[kind]} ({n:,})") for kind, n in found["kinds"].items()])
        self._offer("origins", [(kind, f"{ORIGINS[kind]} ({n:,})") for kind, n in found["origins"].items()])
        self._offer("raters", [(pk, f"{name} ({n:,})") for pk, name, n in found["raters"]])
        self._offer("guides", [(number, f"version {number} ({n:,})") for number, n in found["guides"].items()])
        self._offer("prompt_sets", [(name, f"{name} ({n:,})") for name, n in data.prompt_sets(project).items()])
        self._offer("categories", [(name, f"{name} ({n:,})") for name, n in data.categories(project).items()])
        named = criteria_of(project)
        self._offer("criterion", [("", "The overall grade"), *((name, name) for name in named)] if named else [])
        self._offer_rubrics(project)
        if "judge" not in found["kinds"]:
            del self.fields["soft"]
        self.initial.setdefault("rater_kinds", _defaults(Filters().rater_kinds, found["kinds"]))
        self.initial.setdefault("origins", _defaults(Filters().origins, found["origins"]))

    def clean(self):
        cleaned = super().clean()
        down, up = cleaned.get("down_to"), cleaned.get("up_from")
        if down is not None and up is not None and down >= up:
            self.add_error("down_to", "Must lie below where a thumb up begins.")
        return cleaned

    def _offer(self, name: str, choices: list) -> None:
        if choices:
            self.fields[name].choices = choices
        else:
            del self.fields[name]

    def _offer_rubrics(self, project: Project) -> None:
        """The newest version of each rubric."""
        newest = newest_versions(project)
        if newest.exists():
            self.fields["rubric"].queryset = newest
            self.fields["rubric"].label_from_instance = lambda version: (
                f"{version.rubric.name}, version {version.number}"
            )
        else:
            for name in ("rubric", "totals", "liked"):
                del self.fields[name]

    def clean_weights(self) -> str:
        asked = self.cleaned_data["weights"] or "none"
        try:
            weighed(self.project, policy.Policy(weights=asked))
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return asked

    def filters(self) -> dict:
        told = {name: self.cleaned_data.get(name) for name in ("raters", "guides", "prompt_sets", "categories")}
        kept = {name: list(value) for name, value in told.items() if value}
        for name in ("rater_kinds", "origins"):
            kept[name] = list(self.cleaned_data.get(name) or [])
        for name in ("since", "until"):
            if self.cleaned_data.get(name):
                kept[name] = self.cleaned_data[name].isoformat()
        if self.cleaned_data.get("criterion"):
            kept["criterion"] = self.cleaned_data["criterion"]
        return {**kept, "open_votes": self.cleaned_data["open_votes"], "surplus": self.cleaned_data["surplus"]}

    def policy(self) -> dict:
        said = {name: self.cleaned_data.get(name) for name in _POLICY}
        return {name: value for name, value in said.items() if value not in (None, "")}


def _defaults(usual: tuple[str, ...], there: dict) -> list[str]:
    """What is usual, of what there is; where nothing of that is there, all of it."""
    return [name for name in there if name in usual] or list(there)
