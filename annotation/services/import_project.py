"""A whole project comes back from its export, into an empty one: the same rows, revisions and splits.

What is large is staged while the files are read, as any import is, and seen by nobody. What is small and of the
project itself (guides, tasks, sittings, settings, the salt of the splits) waits in memory for the one transaction
that publishes everything.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ForeignKey, Model, UniqueConstraint

from annotation.bundle_format import BundleReader, IdMap
from annotation.chunks import chunked
from annotation.importers.bundle import Bundle, Unreadable
from annotation.importers.records import Place, Problem, RowProblem
from annotation.interfaces import rubric
from annotation.models import ImportJob, Item, Judgment, Project, Prompt
from annotation.selectors.bundle_rows import TABLES, Rows, columns_of, refers
from annotation.services.items import settle_slots
from annotation.services.rubric_scores import keep_judgments

CHUNK = 500
_TABLES = {table.name: table for table in TABLES}
_STAYS = ("slug", "name", "created_at")  # of the project's own columns


class ProjectImport:
    """One attempt to take a project in. `stage` reads everything; `publish` runs inside the publishing transaction."""

    def __init__(self, job: ImportJob, bundle: Bundle):
        self.job, self.project, self.reader = job, job.project, BundleReader(bundle)
        self._ids: dict[str, IdMap] = defaultdict(IdMap)
        self._waiting: list[tuple[Rows, list[dict]]] = []  # rows of tables that wait for publishing
        self._later: dict[tuple, dict[int, array]] = defaultdict(lambda: defaultdict(lambda: array("q")))
        self._withdrawn = array("q")

    def stage(self, note: Callable[[Sequence[tuple[Place, object]], int], None]) -> bool:
        """Read all tables; `note` hears each chunk and how many rows there were. False if a row was wrong.

        Raises Unreadable for a project that is not empty, a table that nobody knows, or files that were changed.
        """
        self._check()
        rows, sound = 0, True
        for told in self.reader.tables:
            table = _TABLES[told.name]
            kept: list[dict] = []
            for chunk in chunked(self.reader.rows(told), CHUNK):
                rows += len(chunk)
                with transaction.atomic():
                    made = [self._read(table, place, row) for place, row in chunk]
                    problems = [thing for thing in made if isinstance(thing[1], Problem)]
                    sound = sound and not problems
                    if sound and table.staged:
                        self._write(table, [values for _, values in made])
                    elif sound:
                        kept += [row for _, row in chunk]
                    note(problems, rows)
            if not sound:
                return False  # rows of later tables would be called wrong for naming these
            if kept:
                self._waiting.append((table, kept))
        return True

    def publish(self) -> None:
        """The project's own rows, then what hangs on them; judgments that were withdrawn are so again."""
        for table, rows in self._waiting:
            for row in rows:
                self._settle(table, row)
        for (model, column, name), by_id in self._later.items():
            for theirs, ours in by_id.items():
                for part in chunked(ours, CHUNK):
                    model.objects.filter(pk__in=part).update(**{column: self._ids[name].get(theirs)})
        Judgment.objects.filter(import_job=self.job).update(withdrawn=False)
        for part in chunked(self._withdrawn, CHUNK):
            Judgment.objects.filter(pk__in=part).update(withdrawn=True)
        scored = Judgment.objects.filter(import_job=self.job, item__interface=rubric.NAME, withdrawn=False)
        keep_judgments(scored.order_by("pk").iterator(CHUNK))
        settle_slots(Item.objects.filter(import_job=self.job, overlap__gt=0).values_list("pk", flat=True))
        known = {field.name: field for field in Project._meta.concrete_fields}
        own = {name: known[name].to_python(value) for name, value in self.reader.project.items()
               if name in known and name not in _STAYS}  # fmt: skip
        Project.objects.filter(pk=self.project.pk).update(**own)

    def _check(self) -> None:
        if (
            Prompt.objects.filter(project=self.project, published=True).exists()
            or Item.objects.filter(project=self.project, published=True).exists()
        ):
            raise Unreadable("This project is not empty. Make a new project and import the export there.")
        for told in self.reader.tables:
            if told.name not in _TABLES:
                raise Unreadable(f"The export has a table “{told.name}” that this version of Plumbline does not know.")
            self.reader.check(told)

    def _read(self, table: Rows, place: Place, row) -> tuple[Place, dict | Problem]:
        """The row as values of its model, with ids of here; or what is wrong with it."""
        if isinstance(row, Problem):
            return place, row
        try:
            return place, self._values(table, row)
        except RowProblem as problem:
            return place, Problem(problem.path, problem.message)

    def _values(self, table: Rows, row: dict) -> dict:
        known, links = columns_of(table), refers(table)
        values: dict = {"": row.get("id")}  # the id that others call it by
        for name, value in row.items():
            if name not in known:
                raise RowProblem(f"$.{name}", "is a column that this version of Plumbline does not know.")
            if name == "id":
                continue
            field = table.model._meta.get_field(name)
            if name in links:
                values[field.attname] = self._link(table, field, value, links[name])
            else:
                values[field.attname] = _value(field, value)
        return values

    def _link(self, table: Rows, field: ForeignKey, value, name: str):
        """The row of ours that `value` names; their id still, where that row does not stand yet."""
        if value is None or not table.staged or _later(table, name):
            return value
        ours = self._ids[name].get(value) if isinstance(value, int) else None
        if ours is None:
            raise RowProblem(f"$.{field.name}", f"names row {value} of {name}, which is not there.")
        return ours

    def _write(self, table: Rows, rows: list[dict]) -> None:
        links = refers(table)
        later = [column for column, name in links.items() if _later(table, name)]
        model, made, waits = table.model, [], []
        for values in rows:
            values = dict(values)
            theirs = values.pop("")
            waits.append((theirs, {name: values.pop(model._meta.get_field(name).attname, None) for name in later}))
            made.append(self._staged(model, values))
        made = self._created(table, made)
        for instance, (theirs, links_later) in zip(made, waits, strict=True):
            self._ids[table.name].add(theirs, instance.pk)
            if isinstance(instance, Judgment) and instance.was_withdrawn:
                self._withdrawn.append(instance.pk)
            for name, value in links_later.items():
                if value is not None:
                    column = model._meta.get_field(name).attname
                    self._later[model, column, links[name]][value].append(instance.pk)

    def _staged(self, model: type[Model], values: dict) -> Model:
        """An unsaved row that nobody will see before publishing."""
        names = {field.name for field in model._meta.concrete_fields}
        if "project" in names:
            values["project_id"] = self.project.pk
        if "import_job" in names:
            values["import_job_id"] = self.job.pk
        if "published" in names:
            values["published"] = False
        instance = model(**values)
        if model is Judgment:
            instance.was_withdrawn, instance.withdrawn = instance.withdrawn, True
        return instance

    def _created(self, table: Rows, made: list[Model]) -> list[Model]:
        if not table.named:
            return table.model.objects.bulk_create(made)
        return [
            table.model.objects.get_or_create(
                project=self.project, kind=one.kind, key=one.key, defaults={"name": one.name}
            )[0]
            for one in made
        ]

    def _settle(self, table: Rows, row: dict) -> None:
        """Write one row that waited, in the place of the same one where there is one."""
        links = refers(table)
        values = {}
        for name, value in row.items():
            if name == "id":
                continue
            field = table.model._meta.get_field(name)
            linked = name in links and value is not None
            values[field.attname] = self._ids[links[name]].get(value) if linked else _value(field, value)
        for field in table.model._meta.concrete_fields:
            if field.name == "project":
                values["project_id"] = self.project.pk
            elif field.related_model is get_user_model() and not field.null:
                values[field.attname] = self.job.created_by_id
        same = {name: values.pop(name) for name in _unique(table.model) if name in values}
        instance = table.model.objects.update_or_create(**same, defaults=values)[0] if same else table.model(**values)
        if not same:
            instance.save(force_insert=True)
        self._ids[table.name].add(row["id"], instance.pk)


def _unique(model: type[Model]) -> list[str]:
    """The columns by which a row that is there already is the same one."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and constraint.condition is None:
            return [model._meta.get_field(name).attname for name in constraint.fields]
    return []


def _later(table: Rows, name: str) -> bool:
    """Whether rows of the table `name` have no ids here yet while those of `table` are written."""
    return name == table.name or not _TABLES[name].staged


def _value(field, value):
    """A column's value, checked for its kind and length."""
    if isinstance(field, ForeignKey):
        return value
    try:
        made = field.to_python(value)
    except ValidationError as fault:
        raise RowProblem(f"$.{field.name}", "; ".join(fault.messages)) from None
    limit = getattr(field, "max_length", None)
    if limit and isinstance(made, str) and len(made) > limit:
        raise RowProblem(f"$.{field.name}", f"is {len(made):,} characters long; {limit} are taken at most.")
    if made is None and not field.null:
        raise RowProblem(f"$.{field.name}", "must not be null.")
    return made
