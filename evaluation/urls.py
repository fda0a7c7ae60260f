"""The app's addresses."""

from django.urls import path

from evaluation.views import boards, comparisons, reading, voting

app_name = "evaluation"
project, one = "p/<slug:slug>/compare/", "p/<slug:slug>/compare/<int:pk>/"
urlpatterns = [
    path(project, comparisons.comparison_list, name="comparisons"),
    path(f"{project}new/", comparisons.comparison_new, name="comparison-new"),
    path(f"{project}leaderboard/", boards.leaderboard, name="leaderboard"),
    path(f"{project}leaderboard.csv", boards.leaderboard_csv, name="leaderboard-csv"),
    path(one, comparisons.comparison, name="comparison"),
    path(f"{one}vote/", voting.vote, name="comparison-vote"),
    path(f"{one}undo/", voting.undo, name="comparison-undo"),
    path(f"{one}beat/", voting.beat, name="comparison-beat"),
    path(f"{one}finish/", voting.finish, name="comparison-finish"),
    path(f"{one}yours/", voting.yours, name="comparison-yours"),
    path(f"{one}read/", reading.read, name="comparison-read"),
    path(f"{one}open/", comparisons.comparison_open, name="comparison-open"),
    path(f"{one}retry/", comparisons.comparison_retry, name="comparison-retry"),
    path(f"{one}results.csv", boards.comparison_csv, name="comparison-csv"),
    path(f"{one}votes.csv", boards.votes_csv, name="comparison-votes-csv"),
]
