"""Forms of what models can be asked to do: chains, deliberation, debates, an inverse constitution."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.forms.judges import refuse_by_field
from annotation.judging import critique, debate
from annotation.models import FeedbackJob, Project
from annotation.queues import title_of
from annotation.selectors import data, judges
from annotation.services.feedback import critiquing, debating, deliberating, inverting


class FeedbackForm(HouseForm):
    """What all of them ask for: a writer, how it samples, how much. `ask` is the service."""

    writer = forms.ChoiceField(label="Writer", help_text="The model whose answers these are.")
    most = forms.IntegerField(min_value=1, max_value=2000, initial=100, label="At most")
    temperature = forms.FloatField(min_value=0, max_value=2, initial=1.0, help_text="0 is greedy.")
    max_new_tokens = forms.IntegerField(min_value=1, max_value=4096, initial=400, label="Longest answer, in tokens")
    seed = forms.IntegerField(min_value=0, max_value=2**31 - 1, initial=0)

    def __init__(self, *args, project: Project, **kwargs):
        super().__init__(*args, **kwargs)
        self.sources = {str(source.pk): source for source in judges.speaking_sources(project)}
        self.fields["writer"].choices = [
            (key, f"{source.name} ({source.get_kind_display().lower()})") for key, source in self.sources.items()
        ]
        self.found = {}
        if "constitution" in self.fields:
            self._offer("constitution", judges.constitution_versions(project))
        if "judge" in self.fields:
            self._offer("judge", judges.judge_versions(project, *self.MODES))
        if "prompt_set" in self.fields:
            sets = data.prompt_sets(project)
            self.fields["prompt_set"].choices = [(name, f"{name} ({n:,} prompts)") for name, n in sets.items()]
        if "queue" in self.fields:
            queues = judges.queues_with_pairs(project)
            named = ((name, f"{title_of(name)} ({n:,})") for name, n in queues.items())
            self.fields["queue"].choices = [("", "Every queue"), *named]

    def _offer(self, name: str, rows: list) -> None:
        self.found[name] = {str(row.pk): row for row in rows}
        self.fields[name].choices = [(key, str(row)) for key, row in self.found[name].items()]

    def asked(self) -> dict:
        told = dict(self.cleaned_data)
        told["writer"] = self.sources.get(told["writer"])
        for name, rows in self.found.items():
            told[name] = rows[told[name]]
        return told

    def refuse(self, refusal) -> None:
        refuse_by_field(self, refusal)


class ChainsForm(FeedbackForm):
    ask = staticmethod(critiquing.request_chains)
    constitution = forms.ChoiceField(help_text="Each round draws one of its principles.")
    prompt_set = forms.ChoiceField(label="Prompt set")
    revisions = forms.IntegerField(min_value=1, max_value=critique.MOST_REVISIONS, initial=2, label="Revisions")
    kept = forms.ChoiceField(
        label="Becomes a demonstration",
        choices=list(critique.KEPT.items()),
        initial="last",
        widget=forms.RadioSelect,
    )
    field_order = ("constitution", "writer", "prompt_set", "most", "revisions", "kept")


class DeliberationForm(FeedbackForm):
    MODES = deliberating.MODES
    ask = staticmethod(deliberating.request_deliberation)
    constitution = forms.ChoiceField(
        label="Specification", help_text="Principles tagged with a prompt's category, and those without a tag."
    )
    judge = forms.ChoiceField(help_text="One that rates single answers.")
    prompt_set = forms.ChoiceField(label="Prompt set")
    runs = forms.IntegerField(min_value=1, max_value=8, initial=2, label="Ratings", help_text="The least one counts.")
    threshold = forms.FloatField(min_value=1, max_value=10, initial=7, label="Kept from", help_text="1 to 10.")
    field_order = ("constitution", "writer", "judge", "prompt_set", "most", "runs", "threshold")


class DebateForm(FeedbackForm):
    MODES = debating.MODES
    ask = staticmethod(debating.request_debates)
    judge = forms.ChoiceField(help_text="One that compares two answers. What people said is never shown to it.")
    queue = forms.ChoiceField(required=False, label="Pairs of", help_text="On which people's majority takes a side.")
    rounds = forms.IntegerField(min_value=1, max_value=5, initial=2, label="Rounds")
    turns = forms.ChoiceField(label="Turns", choices=list(debate.KINDS.items()), widget=forms.RadioSelect)
    field_order = ("writer", "judge", "queue", "most", "rounds", "turns")

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"most": 25, "turns": "sequential", "max_new_tokens": 250} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)


class InverseForm(FeedbackForm):
    ask = staticmethod(inverting.request_inverse)
    queue = forms.ChoiceField(required=False, label="Pairs of", help_text="On which people's majority takes a side.")
    clusters = forms.IntegerField(min_value=2, max_value=50, initial=12, label="Principles to vote on")
    kept = forms.IntegerField(min_value=1, max_value=20, initial=5, label="Principles to keep, at most")
    field_order = ("writer", "queue", "most", "clusters", "kept")

    def __init__(self, *args, **kwargs):
        kwargs["initial"] = {"temperature": 0.0, "max_new_tokens": 300} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["writer"].required = False
        self.fields["writer"].label = "Who proposes and votes"
        self.fields["writer"].help_text = "Without a model: among what can be counted, such as length or kind words."
        self.fields["writer"].choices = [("", "Rules: what can be counted"), *self.fields["writer"].choices]


FORMS: dict[str, type[FeedbackForm]] = {
    FeedbackJob.Kind.CRITIQUE: ChainsForm,
    FeedbackJob.Kind.DELIBERATION: DeliberationForm,
    FeedbackJob.Kind.DEBATE: DebateForm,
    FeedbackJob.Kind.INVERSE: InverseForm,
}
