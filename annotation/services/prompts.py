"""Single prompts, as the API brings them."""

from django.db import transaction

from annotation.models import Project, Prompt, Source
from annotation.services.audit import record
from annotation.services.content import (
    CompletionRow,
    get_or_create_completions,
    get_or_create_prompt,
    get_or_create_source,
)


@transaction.atomic
def add_prompt(project: Project, *, by, messages: list[dict], completions: list[dict], **details) -> Prompt:
    """A prompt and its completions ({text, source}), found or made: sending the same twice changes nothing.

    `details` are prompt_set, category, tags, reference; they describe a new prompt and leave a known one alone.
    """
    prompt = get_or_create_prompt(project, messages, **details)
    sources = {
        name: get_or_create_source(project, kind=Source.Kind.IMPORT, key=f"api:{name}", name=name)
        for name in {row["source"] for row in completions}
    }
    get_or_create_completions([CompletionRow(prompt, sources[row["source"]], row["text"]) for row in completions])
    after = {"prompt_set": prompt.prompt_set, "completions": len(completions)}
    record(project, by=by, action="prompt.add", target=prompt, after=after)
    return prompt
