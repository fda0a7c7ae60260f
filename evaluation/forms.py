"""The form of a new comparison."""

from django import forms

from annotation.models import Project, Prompt
from evaluation.selectors import questions
from evaluation.services.comparisons import MOST
from training.models import Checkpoint

MOST_TYPED = 100
PLACES = ("First", "Second", "Third", "Fourth")


class ScorerField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, checkpoint: Checkpoint) -> str:
        return _words(checkpoint)


class ComparisonForm(forms.Form):
    """Says which checkpoints answer which prompts, how, and how many people vote."""

    source = forms.ChoiceField(
        choices=[("set", "A prompt set"), ("held_out", "Held-out prompts of a snapshot"), ("typed", "Typed here")],
        initial="set",
        label="Prompts",
        widget=forms.RadioSelect,
    )
    prompt_set = forms.ChoiceField(required=False, label="Prompt set")
    snapshot = forms.ChoiceField(required=False, label="Snapshot")
    typed = forms.CharField(
        required=False,
        label="Your prompts",
        help_text="A blank line separates two prompts. They are kept as the prompt set “typed”.",
        widget=forms.Textarea({"class": "input", "rows": 4, "maxlength": 100_000}),
    )
    count = forms.IntegerField(
        min_value=1, max_value=500, initial=40, label="How many", help_text="Chosen by the seed; 40 is usual."
    )
    temperature = forms.FloatField(
        min_value=0, max_value=2, initial=0.7, help_text="0 always takes the likeliest token; 0.7 is usual."
    )
    max_new_tokens = forms.IntegerField(
        min_value=1, max_value=4096, initial=256, label="Longest answer, tokens", help_text="Longer answers are cut."
    )
    seed = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, initial=1, help_text="The same seed asks and answers the same again."
    )
    overlap = forms.IntegerField(
        min_value=1,
        max_value=50,
        initial=3,
        label="People on each pair",
        help_text="With five or more people the intervals hold for people in general.",
    )
    scorers = ScorerField(
        queryset=Checkpoint.objects.none(),
        required=False,
        label="Reward models",
        help_text="Their scores stand beside the answers once the names are known.",
        widget=forms.CheckboxSelectMultiple,
    )
    name = forms.CharField(
        required=False,
        max_length=120,
        help_text="Blind voters never see it. Empty: “Comparison” with its number.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, data=None, *, project: Project, preselected: list[str] = (), **more):
        super().__init__(data, **more)
        self.project = project
        policies = Checkpoint.objects.filter(project=project, kind=Checkpoint.Kind.POLICY, source__isnull=False)
        choices = _grouped(policies.select_related("run").order_by("-pk"))
        for number in range(MOST):
            self.fields[f"checkpoint_{number}"] = forms.ModelChoiceField(
                policies,
                label=PLACES[number],
                required=number < 2,
                initial=preselected[number] if number < len(preselected) else None,
                error_messages={"required": "Choose a checkpoint.", "invalid_choice": "There is no such checkpoint."},
            )
            self.fields[f"checkpoint_{number}"].choices = choices
        self.fields["scorers"].queryset = Checkpoint.objects.filter(
            project=project, kind=Checkpoint.Kind.REWARD
        ).order_by("-pk")
        self.sets = questions.prompt_sets(project)
        self.snapshots = questions.snapshots_with_rest(project)
        self.fields["prompt_set"].choices = [(name, f"{name} ({count:,} prompts)") for name, count in self.sets]
        self.fields["snapshot"].choices = [(str(one.pk), _rest(one)) for one in self.snapshots]
        if not self.is_bound and not self.sets:
            self.initial.setdefault("source", "held_out" if self.snapshots else "typed")
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
                field.widget.attrs.setdefault("class", "input")
        for name in self.errors if self.is_bound else ():
            if name in self.fields:
                self.fields[name].widget.attrs["aria-invalid"] = "true"

    @property
    def places(self) -> list:
        return [self[f"checkpoint_{number}"] for number in range(MOST)]

    def clean(self):
        said = super().clean()
        checkpoints = [said.get(f"checkpoint_{number}") for number in range(MOST)]
        said["checkpoints"] = [checkpoint for checkpoint in checkpoints if checkpoint]
        for number, checkpoint in enumerate(checkpoints):
            if checkpoint and checkpoint in checkpoints[:number]:
                self.add_error(f"checkpoint_{number}", "This checkpoint is chosen already; choose a different one.")
        {"set": self._clean_set, "held_out": self._clean_held_out, "typed": self._clean_typed}.get(
            said.get("source"), lambda _said: None
        )(said)
        return said

    def _clean_set(self, said: dict) -> None:
        if not said.get("prompt_set"):
            self.add_error("prompt_set", "Choose a prompt set, or type prompts.")

    def _clean_held_out(self, said: dict) -> None:
        if not said.get("snapshot"):
            self.add_error("snapshot", "Choose a snapshot, or type prompts.")

    def _clean_typed(self, said: dict) -> None:
        texts = [part.strip() for part in _paragraphs(said.get("typed", ""))]
        said["texts"] = list(dict.fromkeys(text for text in texts if text))
        if not said["texts"]:
            self.add_error("typed", "Type at least one prompt.")
        elif len(said["texts"]) > MOST_TYPED:
            self.add_error("typed", f"{len(said['texts'])} prompts are typed; {MOST_TYPED} fit. Import larger sets.")

    def prompts(self) -> list[Prompt]:
        """The prompts to ask, of a set or snapshot; typed ones are for the service to make. Call when valid."""
        said = self.cleaned_data
        if said["source"] == "set":
            found = questions.of_set(self.project, said["prompt_set"])
        else:
            found = questions.held_out(next(one for one in self.snapshots if str(one.pk) == said["snapshot"]))
        return questions.chosen(found, said["count"], seed=said["seed"])

    def sampling(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("temperature", "max_new_tokens", "seed")}


def _paragraphs(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n\n")


def _rest(snapshot) -> str:
    rows = sum(snapshot.split_counts.get(split, 0) for split in questions.HELD_OUT)
    return f"{snapshot.name} ({rows:,} held-out rows)"


def _words(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.name} (promoted)" if checkpoint.promoted_at else checkpoint.name


def _grouped(checkpoints) -> list:
    """Registered models, then checkpoints by run, as optgroups."""
    groups: dict[str, list] = {}
    for checkpoint in checkpoints:
        run = checkpoint.run.name if checkpoint.run else "Registered models"
        groups.setdefault(run, []).append((checkpoint.pk, _words(checkpoint)))
    return [("", "Choose a checkpoint"), *groups.items()]
