"""Statements that are built and compiled once.

On the worker's busiest path building a statement, finding it among the compiled ones and reading its rows into
objects took ten times the processor time of asking the database. What is prepared is run by `kit.direct`.
"""

import json
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Table, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_EXPANDED = "POSTCOMPILE"


class Prepared:
    """A statement whose values are `bindparam`s by name. Lists for IN are not supported: use `= ANY`."""

    def __init__(self, clause: Executable) -> None:
        self.clause = clause
        self._row: Any = None

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled = self.clause.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # every executable clause can be
        if not isinstance(compiled, SQLCompiler) or _EXPANDED in compiled.string:
            raise ValueError("a list among the values cannot be prepared")
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise ValueError("name every column whose default is made in Python")
        return compiled

    @cached_property
    def sql(self) -> str:
        """What the driver is told.

        Raises:
            ValueError: it must be compiled anew for each list of values, or leaves out a column's default.
        """
        return self._compiled.string

    @cached_property
    def _arguments(self) -> tuple[tuple[str, Any], ...]:
        binds = self._compiled.binds
        return tuple(
            (name, binds[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
            for name in self._compiled.positiontup or ()
        )

    @cached_property
    def _fixed(self) -> Mapping[str, Any]:
        binds = self._compiled.binds
        return {name: bind.effective_value for name, bind in binds.items() if not bind.required}

    @cached_property
    def _readers(self) -> tuple[Any, ...] | None:
        """What makes a value of ours of each of the driver's; None where all are taken as they are."""
        columns: Any = getattr(self.clause, "exported_columns", ())
        found = tuple(
            column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for column in columns
        )
        return found if any(found) else None

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Values in the order of the statement, as the driver takes them."""
        fixed = self._fixed
        found = []
        for name, process in self._arguments:
            value = values[name] if name in values else fixed[name]
            found.append(value if process is None else process(value))
        return found

    def rows(self, keys: Iterable[str], records: Iterable[Iterable[Any]]) -> list[Any]:
        """What the driver gave, as named tuples."""
        if self._row is None:
            self._row = namedtuple("Row", list(keys))  # type: ignore[misc]  # noqa: PYI024  # the statement names them
        make, readers = self._row._make, self._readers
        if readers is None:
            return [make(record) for record in records]
        return [
            make(value if read is None else read(value) for value, read in zip(record, readers, strict=True))
            for record in records
        ]


def table_of(model: type[Any]) -> Table:
    """A model's table, for statements that are about rows and not about objects."""
    table: Table = model.__table__
    return table


class InsertRows:
    """Any number of rows into a model's table by one statement; they get their numbers in the order given.

    asyncpg's own way for many rows takes several times the processor time.
    """

    def __init__(self, model: type[Any], *columns: str, **same: Any) -> None:
        """`columns` are given by row, `same` are the values that all of them have."""
        table = table_of(model)
        names = ", ".join(("tenant_id", *columns, *same))
        kinds = ", ".join(f"{name} {table.c[name].type.compile(_DIALECT)}" for name in columns)
        values = ", ".join((":tenant_id", *columns, *(f":{name}" for name in same)))
        given = f"ROWS FROM (jsonb_to_recordset(:rows) AS ({kinds})) WITH ORDINALITY"
        self._same = same
        self.statement = Prepared(
            text(
                f"INSERT INTO {table.fullname} ({names}) SELECT {values}"  # noqa: S608  # names of ours alone
                f" FROM {given} AS given ({', '.join(columns)}, number) ORDER BY number"
            )
        )

    def values(self, tenant_id: UUID, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What to run the statement with. JSON, so None in a document is NULL as everywhere."""
        return {"tenant_id": tenant_id, "rows": json.dumps(rows, default=str), **self._same}
