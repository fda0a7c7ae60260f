"""The full-text index in SQL, once for each database: what makes it, fills it and asks it. Nothing else knows which.

SQLite: a table `item_words` of FTS5 whose rowid is the item. PostgreSQL: a column `words` (tsvector, GIN) beside
ItemText. Both get words that search_words.py has made alike, so that they find the same.
"""

from collections.abc import Iterable, Sequence

from annotation.search_words import COLUMNS, Query, to_fts5, to_tsquery

MAKE = {
    "sqlite": [f"CREATE VIRTUAL TABLE IF NOT EXISTS item_words USING fts5({', '.join(COLUMNS)}, tokenize='unicode61')"],
    "postgresql": [
        "ALTER TABLE annotation_itemtext ADD COLUMN IF NOT EXISTS words tsvector",
        "CREATE INDEX IF NOT EXISTS item_words ON annotation_itemtext USING gin (words)",
    ],
}
DROP = {
    "sqlite": ["DROP TABLE IF EXISTS item_words"],
    "postgresql": ["ALTER TABLE annotation_itemtext DROP COLUMN IF EXISTS words"],
}


def make(_apps, editor) -> None:
    """For a migration."""
    for statement in MAKE[editor.connection.vendor]:
        editor.execute(statement)


def drop(_apps, editor) -> None:
    for statement in DROP[editor.connection.vendor]:
        editor.execute(statement)


def store(connection, rows: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Write the words of items, in the order of COLUMNS; ItemText has a row of each already."""
    rows = list(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany("DELETE FROM item_words WHERE rowid = %s", [(item,) for item, _ in rows])
            places = ", ".join(["%s"] * (len(COLUMNS) + 1))
            cursor.executemany(
                f"INSERT INTO item_words (rowid, {', '.join(COLUMNS)}) VALUES ({places})",  # noqa: S608 (names of ours)
                [(item, *texts) for item, texts in rows],
            )
        else:
            parts = " || ".join(f"setweight(to_tsvector('simple', %s), '{weight}')" for weight in COLUMNS.values())
            cursor.executemany(
                f"UPDATE annotation_itemtext SET words = {parts} WHERE item_id = %s",  # noqa: S608 (names of ours)
                [(*texts, item) for item, texts in rows],
            )


def forget(connection) -> None:
    """Empty the index, to be made again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM item_words")


def found(vendor: str, query: Query, columns: Sequence[str]) -> tuple[str, list]:
    """SQL and parameters that give the ids of items whose `columns` hold what the query asks."""
    if vendor == "sqlite":
        return "SELECT rowid FROM item_words WHERE item_words MATCH %s", [to_fts5(query, columns)]
    return "SELECT item_id FROM annotation_itemtext WHERE words @@ to_tsquery('simple', %s)", [
        to_tsquery(query, columns)
    ]
