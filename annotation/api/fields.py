"""Fields that several calls take."""

from rest_framework import serializers


class RowId(serializers.IntegerField):
    """The id of a row; what no database could hold is refused here."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=2**63 - 1, **options)
