"""The form of an import."""

from django import forms

from annotation.forms.house import HouseForm
from annotation.importers import FORMATS


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several."""

    widget = SeveralFiles

    def clean(self, data, initial=None):
        given = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in given]


class ImportForm(HouseForm):
    format = forms.ChoiceField(
        choices=[(format.name, format.title) for format in FORMATS.values()], widget=forms.RadioSelect
    )
    files = FilesField(
        label="Files",
        help_text=".jsonl, .json, .parquet, also .gz, or one .zip of them.",
        error_messages={"empty": "One of the files is empty.", "required": "Choose a file to import."},
        widget=SeveralFiles({"class": "input", "accept": ".jsonl,.ndjson,.json,.parquet,.gz,.zip"}),
    )
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
        label="People here judge the pairs",
        help_text="Verdicts that come with the data are left behind.",
    )
    skip_bad_rows = forms.BooleanField(
        required=False,
        label="Leave out rows with problems",
        help_text="Otherwise one wrong row imports nothing, and the page lists all that are wrong.",
    )

    def clean(self):
        cleaned = super().clean()
        files = cleaned.get("files") or []
        if not cleaned.get("name") and files:
            own = files[0].name.split(".")[0]
            together = FORMATS[cleaned["format"]].title.partition(":")[0] if cleaned.get("format") else own
            cleaned["name"] = (own if len(files) == 1 else together)[:120] or "import"
        return cleaned
