"""Which static files are collected: what pages use."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    # No page loads htmx's extensions, and the types in their comments look like imports to the hashing storage.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext"]
