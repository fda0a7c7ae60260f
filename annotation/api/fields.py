"""Fields that several calls take."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class RowId(serializers.IntegerField):
    """The id of a row; what no database could hold is refused here."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=2**63 - 1, **options)


@extend_schema_field(OpenApiTypes.INT)
class RowOf(serializers.Field):
    """An id in, a row of the call's project out; another project's row is as unknown as one that is not there."""

    def __init__(self, model, *, through: str = "project", **options):
        self.model, self.through = model, through
        super().__init__(**options)

    def to_internal_value(self, data):
        pk = RowId().run_validation(data)
        row = self.model.objects.filter(**{self.through: self.context["view"].project}, pk=pk).first()
        if row is None:
            raise serializers.ValidationError(f"This project has no {self.model._meta.verbose_name} {pk}.")
        return row
