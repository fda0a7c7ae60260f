"""An export of everything leaves nothing behind: every model of the app is exported, or left out with a reason."""

from django.apps import apps

from annotation.models import Project
from annotation.selectors.bundle_rows import LEFT_OUT, TABLES, refers


def test_every_model_is_exported_or_left_out_with_a_reason():
    exported = {table.model.__name__ for table in TABLES}
    models = {model.__name__ for model in apps.get_app_config("annotation").get_models()}
    missing = sorted(models - exported - LEFT_OUT.keys())
    assert not missing, (
        f"{', '.join(missing)}: add a line to TABLES in annotation/selectors/bundle_rows.py, after the tables that its "
        "rows refer to, or to LEFT_OUT with the reason. docs/export-format.md says what an export holds."
    )
    assert not exported & LEFT_OUT.keys()
    assert not LEFT_OUT.keys() - models


def test_a_table_refers_only_to_tables_before_it():
    """A reader knows the ids of a row's neighbours when it comes to the row."""
    seen = set()
    for table in TABLES:
        seen.add(table.name)
        assert set(refers(table).values()) <= seen, table.name


def test_what_waits_for_publishing_needs_nothing_that_cannot_wait():
    """A staged row may refer to one that is written only at the end if that reference may be empty until then."""
    staged = {table.name: table.staged for table in TABLES}
    for table in TABLES:
        for column, name in refers(table).items():
            if table.staged and not staged[name]:
                assert table.model._meta.get_field(column).null, f"{table.name}.{column}"


def test_every_table_leads_to_its_project():
    for table in TABLES:
        assert table.of_project(Project(pk=1)).query.where, table.name
