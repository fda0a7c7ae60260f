"""The role table: for every address and verb, who is let in. A new address without a row fails the tests.

Letters: l lead, r researcher, a annotator, v viewer. PUBLIC lets in everybody, SIGNED_IN whoever signed in (also a
stranger to the project). Whoever is not let in: nobody is sent to sign in (a call answers 401), a stranger sees 404,
a member 403. Verbs without an entry are answered with 405 to whom another verb lets in.
"""

PUBLIC, SIGNED_IN = "public", "signed in"
MEMBERS, LEAD, DATA, RUNS, LABEL = "lrav", "l", "lr", "lrv", "lra"

SITE = {
    "healthz": {"GET": PUBLIC},
    "login": {"GET": PUBLIC, "POST": PUBLIC},
    "logout": {"POST": SIGNED_IN},
    "password_change": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "password_change_done": {"GET": SIGNED_IN},
    "api-index": {"GET": PUBLIC},
    "api-schema": {"GET": PUBLIC},
    "api-docs": {"GET": PUBLIC},
}
PAGES = {
    "annotation:home": {"GET": SIGNED_IN},
    "annotation:work": {"GET": SIGNED_IN},
    "annotation:label": {"GET": LABEL, "POST": LABEL},
    "annotation:label-next": {"POST": LABEL},
    "annotation:label-answer": {"POST": LABEL},
    "annotation:label-undo": {"POST": LABEL},
    "annotation:label-beat": {"POST": LABEL},
    "annotation:label-answers": {"POST": LABEL},
    "annotation:label-answered": {"POST": LABEL},
    "annotation:label-end": {"POST": LABEL},
    "annotation:sitting": {"GET": LABEL},
    "annotation:tokens": {"GET": MEMBERS, "POST": MEMBERS},
    "annotation:token-revoke": {"POST": MEMBERS},
}
COMPARE = {
    "evaluation:comparisons": {"GET": RUNS},
    "evaluation:comparison-new": {"GET": DATA, "POST": DATA},
    "evaluation:comparison": {"GET": RUNS},
    "evaluation:comparison-vote": {"GET": LABEL, "POST": LABEL},
    "evaluation:comparison-undo": {"POST": LABEL},
    "evaluation:comparison-beat": {"POST": LABEL},
    "evaluation:comparison-finish": {"POST": LABEL},
    "evaluation:comparison-read": {"GET": DATA},
    "evaluation:comparison-open": {"POST": DATA},
    "evaluation:comparison-retry": {"POST": DATA},
    "evaluation:comparison-csv": {"GET": DATA},
    "evaluation:comparison-votes-csv": {"GET": DATA},
    "evaluation:leaderboard": {"GET": RUNS},
    "evaluation:leaderboard-csv": {"GET": DATA},
}
CALLS = {
    "api-projects": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "api-project": {"GET": MEMBERS, "PATCH": LEAD},
    "api-prompts": {"GET": DATA, "POST": DATA},
    "api-prompt": {"GET": DATA},
    "api-imports": {"GET": DATA, "POST": DATA},
    "api-import": {"GET": DATA},
    "api-items": {"GET": DATA, "POST": DATA},
    "api-label-next": {"POST": LABEL},
    "api-label-end": {"POST": LABEL},
    "api-label-answer": {"POST": LABEL},
    "api-label-withdraw": {"POST": LABEL},
    "api-label-heartbeat": {"POST": LABEL},
    "api-judgments": {"GET": LABEL},
    "api-methods": {"GET": SIGNED_IN},
    "api-method": {"GET": SIGNED_IN},
    "api-workers": {"GET": SIGNED_IN},
    "api-preflights": {"POST": DATA},
    "api-preflight": {"GET": DATA},
    "api-runs": {"GET": RUNS, "POST": DATA},
    "api-run": {"GET": RUNS},
    "api-run-stop": {"POST": DATA},
    "api-run-pause": {"POST": DATA},
    "api-run-resume": {"POST": DATA},
    "api-run-clone": {"POST": DATA},
    "api-run-curves": {"GET": RUNS},
    "api-run-points": {"GET": RUNS},
    "api-run-samples": {"GET": RUNS},
    "api-run-alerts": {"GET": RUNS},
    "api-run-log": {"GET": DATA},
    "api-checkpoints": {"GET": RUNS, "POST": DATA},
    "api-checkpoint": {"GET": RUNS},
    "api-checkpoint-promotion": {"POST": DATA, "DELETE": DATA},
    "api-checkpoint-file": {"GET": DATA},
    "api-generations": {"GET": DATA, "POST": DATA},
    "api-generation": {"GET": DATA, "DELETE": DATA},
    "api-generation-answers": {"GET": DATA},
    "api-comparisons": {"GET": RUNS, "POST": DATA},
    "api-comparison": {"GET": RUNS},
    "api-comparison-results": {"GET": RUNS},
    "api-comparison-retry": {"POST": DATA},
    "api-comparison-open": {"POST": DATA},
    "api-snapshots": {"GET": DATA, "POST": DATA},
    "api-snapshot-preview": {"POST": DATA},
    "api-snapshot": {"GET": DATA},
    "api-snapshot-rows": {"GET": DATA},
    "api-snapshot-file": {"GET": DATA},
    "api-tokens": {"GET": MEMBERS, "POST": MEMBERS},
    "api-token": {"DELETE": MEMBERS},
}
TABLE = SITE | PAGES | COMPARE | CALLS
# Not an address of its own: answers 404 to everything below /api/ that no call has.
APART = {"api-nothing"}
# Answered 404 to members who may not see this row (somebody else's token), 403 from a right that is the site's.
OWN_ROWS = {
    "annotation:sitting",
    "annotation:token-revoke",
    "api-token",
    "api-label-answer",
    "api-label-withdraw",
    "api-label-heartbeat",
}
SITE_RIGHT = {("api-projects", "POST")}
