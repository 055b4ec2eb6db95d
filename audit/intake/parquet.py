"""Reads a Parquet file into raw cells: its column names are the heading row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import PurePath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from audit.errors import InputRejected
from audit.intake.cells import Cell, Sheet
from audit.intake.extent import damaged
from audit.intake.file_refusals import incomplete

#: More rows, or more cells, than any practice's extract has.
MOST_ROWS: Final = 10_000_000
MOST_CELLS: Final = 200_000_000
_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_SMALLEST = 12
#: Whole numbers from here on are kept as text: as cells they would count as rounded by Excel.
_EXACT_TEXT_FROM = 10**15
_EXPORT_AGAIN = "Write the table again, with plain columns of text, numbers and dates, as Parquet or csv."


def read_parquet(content: bytes, file: str) -> Sheet:
    """Read one table; row 1 is the column names, as a csv file would have them.

    Raises:
        InputRejected: it is damaged, encrypted, too large, or has columns of lists or records.
        InputIncomplete: its end is missing.
    """
    _check(content, file)
    try:
        table = _table(content, file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged(file, "its Parquet reader cannot read it", _EXPORT_AGAIN) from error
    columns = [as_cells(table.column(place)) for place in range(table.num_columns)]
    rows: list[Sequence[Cell]] = [tuple(table.column_names), *zip(*columns, strict=True)]
    return Sheet(file, PurePath(file).stem, rows)


def _check(content: bytes, file: str) -> None:
    if content.startswith(_ENCRYPTED):
        what = "The Parquet file is encrypted."
        raise InputRejected(what, where=file, remedy=_EXPORT_AGAIN, code="PASSWORD_PROTECTED")
    if not content.startswith(_MAGIC):
        raise InputRejected("The file is not Parquet.", where=file, remedy=_EXPORT_AGAIN, code="NOT_PARQUET")
    if len(content) < _SMALLEST or not content.endswith(_MAGIC):
        raise incomplete(file)


def _table(content: bytes, file: str) -> pa.Table:
    with pq.ParquetFile(BytesIO(content), page_checksum_verification=True) as source:
        size, schema = source.metadata, source.schema_arrow
        if size.num_rows > MOST_ROWS or size.num_rows * size.num_columns > MOST_CELLS:
            what = "The Parquet file has more rows than can be read."
            raise InputRejected(what, where=file, remedy=_EXPORT_AGAIN, code="TOO_MANY_ROWS")
        nested = [column.name for column in schema if pa.types.is_nested(column.type)]
        if nested or not schema.names:
            what = "The Parquet file has no columns, or columns of lists or records."
            raise InputRejected(what, where=file, remedy=_EXPORT_AGAIN, code="PARQUET_NESTED")
        table: pa.Table = source.read()
    table.validate(full=True)
    return table


def as_cells(column: pa.ChunkedArray | pa.Array) -> list[Cell]:
    """The values of a column as cells; a missing one is blank."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_timestamp(kind):
        # nanoseconds are no date of Python's; no date of a treatment has them
        column = column.cast(pa.timestamp("us"), safe=False)
    return [_cell(value) for value in column.to_pylist()]


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _EXACT_TEXT_FROM:
        return str(value)
    cell: Cell = value
    return cell
