"""Fresh statistics for tables that grew by much at once.

Until autovacuum comes round PostgreSQL plans for the table as it was: after a big import handing out an item read
all of them, 16 ms instead of 0.05. SQLite's plans do not depend on it here.
"""

from django.db import connection, models

MUCH = 1000  # rows


def analyze(*tables: type[models.Model]) -> None:
    """ANALYZE on PostgreSQL; it sees the rows of the transaction that it runs in."""
    if connection.vendor == "postgresql":
        names = ", ".join(connection.ops.quote_name(table._meta.db_table) for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {names}")
