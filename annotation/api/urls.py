"""Addresses of the calls, below /api/."""

from django.urls import path

from annotation.api import projects, prompts, tokens

here = "projects/<slug:slug>/"
urlpatterns = [
    path("projects/", projects.ProjectList.as_view(), name="api-projects"),
    path(here, projects.ProjectDetail.as_view(), name="api-project"),
    path(f"{here}prompts/", prompts.PromptList.as_view(), name="api-prompts"),
    path(f"{here}prompts/<int:pk>/", prompts.PromptDetail.as_view(), name="api-prompt"),
    path(f"{here}tokens/", tokens.TokenList.as_view(), name="api-tokens"),
    path(f"{here}tokens/<slug:key>/", tokens.TokenDetail.as_view(), name="api-token"),
]
