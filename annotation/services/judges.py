"""Judges and their versions."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.errors import Refused
from annotation.judging import comparing, rules, templates, verdicts
from annotation.models import ConstitutionVersion, Judge, JudgeVersion, Project, Rater, Source
from annotation.services.audit import record

MOST_TOKENS = 4096
OPTIONS = {"keywords": [], "max_new_tokens": 400}
SPEAKING = (Source.Kind.MODEL, Source.Kind.ENDPOINT)


@transaction.atomic
def create_judge(project: Project, *, by, name: str, **how) -> Judge:
    """A judge with its first version; `how` as for `add_judge_version`. Raises Refused."""
    try:
        with transaction.atomic():
            judge = Judge.objects.create(project=project, name=name, created_by=by)
    except IntegrityError:
        raise Refused(f"There is a judge called “{name}” already. Choose another name.", code="taken") from None
    version = _add(judge, by=by, **how)
    record(project, by=by, action="judge.create", target=judge, after=_told(version))
    return judge


@transaction.atomic
def add_judge_version(judge: Judge, *, by, **how) -> JudgeVersion:
    """A new version, with a rater of its own. `how` is mode with source or rule, and what `_add` takes besides.

    An empty prompt becomes the house's own, as it is today. Raises Refused with `problems` by field.
    """
    version = _add(judge, by=by, **how)
    record(judge.project_id, by=by, action="judge.version", target=judge, after=_told(version))
    return version


def _told(version: JudgeVersion) -> dict:
    who = version.rule or version.source.name
    return {"version": version.number, "who": who, "mode": version.mode, "note": version.change_note}


def _add(
    judge: Judge,
    *,
    by,
    mode: str,
    source: Source | None = None,
    rule: str = "",
    combine: str = "agree",
    system: str = "",
    template: str = "",
    constitution: ConstitutionVersion | None = None,
    principles_drawn: int = 1,
    options: dict | None = None,
    change_note: str = "",
) -> JudgeVersion:
    options = OPTIONS | (options or {})
    problems = _problems(judge, mode, source, rule, combine, template, constitution, principles_drawn, options)
    if problems:
        raise Refused("; ".join(one["message"] for one in problems), code="judge", problems=problems)
    Judge.objects.select_for_update().get(pk=judge.pk)
    number = (judge.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    house_system, house_template = templates.HOUSE[mode]
    rater = Rater.objects.create(
        project_id=judge.project_id,
        kind=Rater.Kind.JUDGE,
        key=f"judge:{judge.pk}:{number}",
        name=f"{judge.name}, version {number}",
    )
    return JudgeVersion.objects.create(
        judge=judge,
        number=number,
        source=source,
        rule=rule,
        mode=mode,
        combine=combine,
        system="" if rule else system.strip() or ("" if template.strip() else house_system),
        template="" if rule else template.strip() or house_template,
        constitution=None if rule else constitution,
        principles_drawn=principles_drawn,
        options=options,
        change_note=change_note,
        rater=rater,
        created_by=by,
    )


@transaction.atomic
def retire_judge(judge: Judge, *, by) -> None:
    """Nobody asks it any more; what it said stays. Raises Refused if it is retired already."""
    if not Judge.objects.filter(pk=judge.pk, retired_at=None).update(retired_at=timezone.now()):
        raise Refused("This judge is retired already.", code="retired", status=409)
    record(judge.project_id, by=by, action="judge.retire", target=judge)


def _problems(judge, mode, source, rule, combine, template, constitution, principles_drawn, options) -> list[dict]:
    found = []

    def add(path: str, message: str) -> None:
        found.append({"path": path, "message": message})

    if mode not in comparing.MODES:
        add("mode", f"There is no such way of asking; there are {', '.join(comparing.MODES)}.")
    if combine not in verdicts.RULES:
        add("combine", f"There is no such rule; there are {', '.join(verdicts.RULES)}.")
    _check_who(judge, mode, source, rule, add)
    if constitution and constitution.constitution.project_id != judge.project_id:
        add("constitution", "The constitution must be of this project.")
    if not 0 <= principles_drawn <= 100:
        add("principles_drawn", "Between 0 (all of them) and 100; 1 is what constitutional AI does.")
    if template.strip() and mode in comparing.MODES and not rule:
        for message in templates.problems_of(template, mode):
            add("template", message)
    _check_options(rule, options, add)
    return found


def _check_who(judge, mode, source, rule, add) -> None:
    if bool(source) == bool(rule):
        add("source", "Choose a model or a rule: one of them judges.")
    if rule and rule not in rules.MEASURES:
        add("rule", f"There is no such rule; there are {', '.join(rules.MEASURES)}.")
    if rule and mode in ("score", "rating") and rule not in ("exact", "keywords"):
        add("mode", "This rule compares two answers and rates none alone. Choose letters or a written verdict.")
    if source and (source.project_id != judge.project_id or source.kind not in SPEAKING):
        add("source", "The model must be a checkpoint or an endpoint of this project.")


def _check_options(rule: str, options: dict, add) -> None:
    if unknown := set(options) - set(OPTIONS):
        add("options", f"There are no options {', '.join(sorted(unknown))}.")
    words = options["keywords"]
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        add("keywords", "Keywords are words, one a line.")
    elif rule == "keywords" and not words:
        add("keywords", "Name at least one keyword to look for.")
    tokens = options["max_new_tokens"]
    if not isinstance(tokens, int) or isinstance(tokens, bool) or not 1 <= tokens <= MOST_TOKENS:
        add("max_new_tokens", f"Must lie between 1 and {MOST_TOKENS:,}; 400 is usual.")
