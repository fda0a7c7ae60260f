"""Forms of judges: making one or a version of it, and having it judge."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.judging import comparing, rules, verdicts
from annotation.models import JudgeVersion, Project
from annotation.queues import title_of
from annotation.selectors import data, judges

_FIELDS = ("source", "rule", "mode", "combine", "constitution", "principles_drawn", "system", "template")


class JudgeForm(HouseForm):
    """Who judges, what they are asked, how the answer is read."""

    name = forms.CharField(max_length=80, help_text="What tables call it.")
    who = forms.ChoiceField(label="Who judges", help_text="Models of this project and its endpoints, or a rule.")
    keywords = forms.CharField(
        required=False,
        label="Keywords",
        widget=forms.Textarea({"rows": 3}),
        help_text="For the rule “keywords”: one a line.",
    )
    mode = forms.ChoiceField(
        label="How it is asked",
        choices=list(comparing.MODES.items()),
        initial="letters",
        widget=forms.RadioSelect,
        help_text="Letters and verdicts are asked in both orders. Ratings look at each answer alone.",
    )
    combine = forms.ChoiceField(
        label="Two orders become one verdict",
        choices=[(name, text[0].upper() + text[1:]) for name, text in verdicts.RULES.items()],
        initial="agree",
        widget=forms.RadioSelect,
    )
    constitution = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="Constitution",
        help_text="Its principles stand in the prompt.",
    )
    principles_drawn = forms.IntegerField(
        min_value=0,
        max_value=100,
        initial=1,
        label="Principles a pair",
        help_text="Drawn by weight; 0 takes all of them.",
    )
    system = forms.CharField(
        required=False, max_length=10_000, label="System prompt", widget=forms.Textarea({"rows": 4})
    )
    template = forms.CharField(
        required=False,
        max_length=20_000,
        label="Prompt",
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
        help_text="Empty: the house's own for this way of asking. Places: {conversation}, {question}, {reference}, "
        "{principles}, and {answer_a} with {answer_b}, or {answer}.",
    )
    max_new_tokens = forms.IntegerField(
        min_value=1,
        max_value=4096,
        initial=400,
        label="Longest answer, in tokens",
        help_text="Of written verdicts; what is cut off often holds no verdict.",
    )
    change_note = forms.CharField(max_length=300, required=False, label="What changed")

    def __init__(self, *args, project: Project, before: JudgeVersion | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.sources = {f"source:{source.pk}": source for source in judges.speaking_sources(project)}
        self.constitutions = {version.pk: version for version in judges.constitution_versions(project)}
        self.fields["who"].choices = [
            ("Rules", [(f"rule:{name}", measure.title) for name, measure in rules.MEASURES.items()]),
            (
                "Models",
                [(key, f"{source.name} ({source.get_kind_display().lower()})") for key, source in self.sources.items()],
            ),
        ]
        self.fields["constitution"].choices = [
            ("", "None"),
            *((pk, str(one)) for pk, one in self.constitutions.items()),
        ]
        if before is not None:
            del self.fields["name"]
            self.initial |= {name: getattr(before, name) for name in _FIELDS if name not in ("source", "rule")}
            self.initial |= {
                "who": f"rule:{before.rule}" if before.rule else f"source:{before.source_id}",
                "constitution": before.constitution_id,
                "keywords": "\n".join(before.options.get("keywords", ())),
                "max_new_tokens": before.options.get("max_new_tokens", 400),
            }
        else:
            del self.fields["change_note"]

    def how(self) -> dict:
        """What the services take."""
        told = self.cleaned_data
        words = [word.strip() for word in told["keywords"].splitlines() if word.strip()]
        return {
            "source": self.sources.get(told["who"]),
            "rule": told["who"].removeprefix("rule:") if told["who"].startswith("rule:") else "",
            "constitution": self.constitutions.get(told["constitution"]),
            "options": {"keywords": words, "max_new_tokens": told["max_new_tokens"]},
        } | {name: told[name] for name in ("mode", "combine", "principles_drawn", "system", "template")}

    def refuse(self, refusal) -> None:
        refuse_by_field(self, refusal, {"source": "who", "rule": "who"})


def refuse_by_field(form: forms.Form, refusal, renamed: dict | None = None) -> None:
    """Each problem at its field; what has none above the form."""
    for problem in refusal.problems or [{"path": "", "message": str(refusal)}]:
        name = (renamed or {}).get(problem["path"], problem["path"])
        form.add_error(name if name in form.fields else None, problem["message"])


class JudgingForm(HouseForm):
    """Which pairs a judge compares."""

    queue = forms.ChoiceField(required=False, label="Pairs of")
    prompt_set = forms.ChoiceField(required=False, label="Prompt set")
    with_people = forms.BooleanField(
        required=False,
        initial=True,
        label="Only pairs that somebody has judged",
        help_text="Then its agreement with them is known.",
    )
    most = forms.IntegerField(
        min_value=1, max_value=100_000, initial=1000, label="At most", help_text="Pairs; each is asked about twice."
    )

    def __init__(self, *args, project: Project, **kwargs):
        super().__init__(*args, **kwargs)
        queues = judges.queues_with_pairs(project)
        self.fields["queue"].choices = [
            ("", "Every queue"), *((name, f"{title_of(name)} ({n:,})") for name, n in queues.items())
        ]  # fmt: skip
        sets = data.prompt_sets(project)
        self.fields["prompt_set"].choices = [("", "Any"), *((name, f"{name} ({n:,})") for name, n in sets.items())]
