"""Addresses of the calls, below /api/."""

from django.urls import path

from annotation.api import (
    audit,
    endpoints,
    imports,
    items,
    judgments,
    labelling,
    people,
    projects,
    prompts,
    snapshots,
    tasks,
    tokens,
)

here = "projects/<slug:slug>/"
urlpatterns = [
    path("projects/", projects.ProjectList.as_view(), name="api-projects"),
    path(here, projects.ProjectDetail.as_view(), name="api-project"),
    path(f"{here}members/", people.MemberList.as_view(), name="api-members"),
    path(f"{here}members/<int:pk>/", people.MemberDetail.as_view(), name="api-member"),
    path(f"{here}invitations/", people.InvitationList.as_view(), name="api-invitations"),
    path(f"{here}invitations/<int:pk>/", people.InvitationDetail.as_view(), name="api-invitation"),
    path(f"{here}audit/", audit.AuditList.as_view(), name="api-audit"),
    path(f"{here}prompts/", prompts.PromptList.as_view(), name="api-prompts"),
    path(f"{here}prompts/<int:pk>/", prompts.PromptDetail.as_view(), name="api-prompt"),
    path(f"{here}imports/", imports.ImportList.as_view(), name="api-imports"),
    path(f"{here}imports/preview/", imports.ImportPreview.as_view(), name="api-import-preview"),
    path(f"{here}imports/<int:pk>/", imports.ImportDetail.as_view(), name="api-import"),
    path(f"{here}tasks/", tasks.TaskList.as_view(), name="api-tasks"),
    path(f"{here}tasks/<str:queue>/", tasks.TaskDetail.as_view(), name="api-task"),
    path(f"{here}items/", items.ItemList.as_view(), name="api-items"),
    path(f"{here}label/next/", labelling.LabelNext.as_view(), name="api-label-next"),
    path(f"{here}label/end/", labelling.LabelEnd.as_view(), name="api-label-end"),
    path(f"{here}label/<uuid:token>/", labelling.LabelAnswer.as_view(), name="api-label-answer"),
    path(f"{here}label/<uuid:token>/withdraw/", labelling.LabelWithdraw.as_view(), name="api-label-withdraw"),
    path(f"{here}label/<uuid:token>/heartbeat/", labelling.LabelHeartbeat.as_view(), name="api-label-heartbeat"),
    path(f"{here}judgments/", judgments.JudgmentList.as_view(), name="api-judgments"),
    path(f"{here}snapshots/", snapshots.SnapshotList.as_view(), name="api-snapshots"),
    path(f"{here}snapshots/preview/", snapshots.SnapshotPreview.as_view(), name="api-snapshot-preview"),
    path(f"{here}snapshots/<int:pk>/", snapshots.SnapshotDetail.as_view(), name="api-snapshot"),
    path(f"{here}snapshots/<int:pk>/rows/", snapshots.SnapshotRows.as_view(), name="api-snapshot-rows"),
    path(f"{here}snapshots/<int:pk>/files/<str:name>", snapshots.SnapshotFile.as_view(), name="api-snapshot-file"),
    path(f"{here}endpoints/", endpoints.EndpointList.as_view(), name="api-endpoints"),
    path(f"{here}endpoints/<int:pk>/", endpoints.EndpointDetail.as_view(), name="api-endpoint"),
    path(f"{here}endpoints/<int:pk>/trial/", endpoints.EndpointTrial.as_view(), name="api-endpoint-trial"),
    path(f"{here}tokens/", tokens.TokenList.as_view(), name="api-tokens"),
    path(f"{here}tokens/<slug:key>/", tokens.TokenDetail.as_view(), name="api-token"),
]
