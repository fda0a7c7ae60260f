"""`manage.py import_data --project SLUG --format FORMAT PATH`: import a file or folder where it lies."""

from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from annotation.errors import Refused
from annotation.importers import FORMATS
from annotation.models import ImportJob, Membership, Project, Role
from annotation.services.imports import import_path


def _mapping(given: str) -> dict[str, str]:
    """`role=column,…` as a mapping."""
    pairs = [part.partition("=") for part in given.split(",") if part]
    return {role.strip(): column.strip() for role, _, column in pairs}


class Command(BaseCommand):
    help = "Import a file or a folder into a project. Nothing is imported if a row is wrong, unless --skip-bad-rows."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path)
        parser.add_argument("--project", required=True, help="the project's address (slug)")
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument("--name", default="", help="what the data set is called; its file name unless given")
        parser.add_argument("--by", default="", help="user name of who imports; a lead of the project unless given")
        parser.add_argument("--prompt-set", default="", help="a named set that the prompts join")
        parser.add_argument("--judge-here", action="store_true", help="leave verdicts behind, people here judge")
        parser.add_argument(
            "--task", default="", help="the queue of the task that they join; the first one unless given"
        )
        parser.add_argument("--columns", default="", help="for a table: role=column,role=column (docs/importing.md)")
        parser.add_argument("--skip-bad-rows", action="store_true", help="leave out rows with problems")

    def handle(self, *, path, project, format, **options):
        if not path.exists():
            raise CommandError(f"There is nothing at {path}.")
        found = Project.objects.filter(slug=project).first()
        if found is None:
            raise CommandError(f"There is no project {project}.")
        try:
            job = import_path(
                found,
                by=self._who(found, options["by"]),
                format=format,
                name=options["name"] or path.stem,
                path=path,
                prompt_set=options["prompt_set"],
                judge_here=options["judge_here"],
                task=options["task"],
                columns=_mapping(options["columns"]),
                skip_bad_rows=options["skip_bad_rows"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self._report(job)

    def _who(self, project: Project, username: str):
        if username:
            user = get_user_model().objects.filter(username=username).first()
            if user is None:
                raise CommandError(f"There is no user {username}.")
            return user
        lead = Membership.objects.filter(project=project, role=Role.LEAD).select_related("user").order_by("pk").first()
        if lead is None:
            raise CommandError("The project has no lead: say with --by who imports.")
        return lead.user

    def _report(self, job: ImportJob) -> None:
        for error in job.errors:
            self.stderr.write(f"{error['file']} row {error['row']} {error['path']}: {error['message']}")
        if job.error_count > len(job.errors):
            self.stderr.write(f"… and {job.error_count - len(job.errors):,} more")
        if job.state == ImportJob.State.QUEUED:
            raise CommandError("Another import of this project is under way; this one follows it.")
        if job.state != ImportJob.State.PUBLISHED:
            raise CommandError(f"Nothing was imported: {job.error_count:,} rows are wrong.")
        for name, count in sorted(job.counts.items()):
            self.stdout.write(f"{count:>9,} {name}")
