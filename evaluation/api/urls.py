"""Addresses of the calls, below /api/."""

from django.urls import path

from evaluation.api import comparisons

here = "projects/<slug:slug>/comparisons/"
urlpatterns = [
    path(here, comparisons.ComparisonList.as_view(), name="api-comparisons"),
    path(f"{here}<int:pk>/", comparisons.ComparisonDetail.as_view(), name="api-comparison"),
    path(f"{here}<int:pk>/results/", comparisons.ComparisonResults.as_view(), name="api-comparison-results"),
    path(f"{here}<int:pk>/retry/", comparisons.ComparisonRetry.as_view(), name="api-comparison-retry"),
    path(f"{here}<int:pk>/open/", comparisons.ComparisonOpen.as_view(), name="api-comparison-open"),
]
