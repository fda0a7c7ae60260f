"""The forms of an import: the upload, and what is confirmed once its rows were looked at."""

from django import forms

from annotation.forms.house import HouseForm, dress
from annotation.importers import COLUMNS, FORMATS, columns
from annotation.importers.format import GROUPS


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = SeveralFiles

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


RECOGNISE = ""
COLUMN = "column-"


class _Options(HouseForm):
    """What any import asks beside the files and their format."""

    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name of the data set",
        help_text="Stands for its author where the data names none. Empty: the file's name, for several the format's.",
    )
    prompt_set = forms.CharField(
        max_length=80,
        required=False,
        label="Prompt set",
        help_text="Prompts join this named set, for comparisons and for training by generation.",
    )
    judge_here = forms.BooleanField(
        required=False,
        label="People here judge them",
        help_text="Verdicts that come with the data are left behind.",
    )
    task = forms.ChoiceField(
        required=False, label="In the task", help_text="Rows with another number of answers than it shows are left out."
    )
    skip_bad_rows = forms.BooleanField(
        required=False,
        label="Leave out rows with problems",
        help_text="Otherwise one wrong row imports nothing, and the page lists all that are wrong.",
    )

    def __init__(self, *args, tasks=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["task"].choices = [(task.queue, task.title) for task in tasks] or [("", "Pairs")]


class ImportForm(_Options):
    format = forms.ChoiceField(
        choices=[(RECOGNISE, "Recognise it"), *((format.name, format.title) for format in FORMATS.values())],
        required=False,
        widget=forms.RadioSelect,
    )
    files = FilesField(
        label="Files",
        help_text=".jsonl, .json, .csv, .parquet, also .gz, or one .zip of them.",
        error_messages={"empty": "One of the files is empty.", "required": "Choose a file to import."},
        widget=SeveralFiles({"class": "input", "accept": ".jsonl,.ndjson,.json,.csv,.tsv,.parquet,.gz,.zip"}),
    )

    def clean(self):
        cleaned = super().clean()
        files = cleaned.get("files") or []
        if not cleaned.get("name") and files:
            own = files[0].name.split(".")[0]
            together = FORMATS[cleaned["format"]].title.partition(":")[0] if cleaned.get("format") else own
            cleaned["name"] = (own if len(files) == 1 else together)[:120] or "import"
        return cleaned


class ConfirmForm(_Options):
    """What a proposed import is confirmed with: the format, and for a table what its columns are."""

    format = forms.ChoiceField(label="Format")
    scale = forms.ChoiceField(
        choices=list(columns.SCALES.items()), required=False, label="Scale of the ratings or strengths"
    )

    def __init__(self, *args, names=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [
            (title, [(format.name, format.title) for format in FORMATS.values() if format.group == group])
            for group, title in GROUPS.items()
        ]
        for role, title in columns.ROLES.items():
            self.fields[f"{COLUMN}{role}"] = forms.ChoiceField(
                choices=[("", "none"), *((name, name) for name in names)], required=False, label=title
            )
        dress(self)

    @property
    def is_table(self) -> bool:
        return self["format"].value() == COLUMNS

    def column_fields(self) -> list:
        return [self[f"{COLUMN}{role}"] for role in columns.ROLES]

    def mapping(self) -> dict[str, str]:
        """Roles to columns as they stand in the form, also where something else in it is wrong."""
        chosen = {role: self[f"{COLUMN}{role}"].value() or "" for role in columns.ROLES}
        return {role: name for role, name in {**chosen, "scale": self["scale"].value() or ""}.items() if name}

    def options(self) -> dict:
        """What `confirm_import` takes beside format and name."""
        taken = {name: self.cleaned_data[name] for name in ("prompt_set", "judge_here", "task", "skip_bad_rows")}
        return {**taken, "columns": self.mapping() if self.is_table else None}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("format") == COLUMNS:
            for role, message in columns.problems(self.mapping()).items():
                self.add_error("scale" if role == "scale" else f"{COLUMN}{role}", message)
        return cleaned
