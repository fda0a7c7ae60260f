"""The form of an endpoint: where, which model, which of the worker's keys."""

from django import forms

from annotation.forms.house import HouseForm


class EndpointForm(HouseForm):
    name = forms.CharField(max_length=80, help_text="What people here call it. Blind pages never show it.")
    base_url = forms.CharField(
        max_length=500,
        label="Address",
        help_text="What /chat/completions is added to, such as https://api.example.org/v1.",
        widget=forms.TextInput({"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    model = forms.CharField(
        max_length=200,
        help_text="As the endpoint calls it.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    key_name = forms.CharField(
        max_length=40,
        required=False,
        label="Key",
        help_text="A name, never the key: MAIN stands for the worker’s variable PLUMBLINE_ENDPOINT_KEY_MAIN. "
        "Empty where no key is needed.",
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    timeout_seconds = forms.IntegerField(
        min_value=2, max_value=600, initial=60, label="Longest silence", help_text="Seconds without a word."
    )
    parallel = forms.IntegerField(min_value=1, max_value=32, initial=4, label="Requests at a time")

    def refuse(self, refusal) -> None:
        for problem in refusal.problems:
            self.add_error(problem["path"], problem["message"])
        if not refusal.problems:
            super().refuse(refusal)
