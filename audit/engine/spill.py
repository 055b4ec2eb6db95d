"""First pass: every row goes to the partition of its patient, so that each partition holds whole patients.

A piece of a table is read, its rows are put in the order of their partitions, and written as one Arrow file with one
batch for each partition. What the second pass needs to know of all rows at once (the range and the manner of dates) is
gathered on the way. Memory is bounded by a piece.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from audit.engine.layout import ROWS_A_PIECE, damaged_file, open_csv
from audit.errors import InputRejected
from audit.intake.cells import Cell
from audit.intake.columnar import clean_ids, hashed, is_text, rounded_ids
from audit.intake.parquet import as_cells
from audit.intake.partition import KEY, ROW

_DATES: Final = ("date", "neurological_onset", "diagnosis_date", "registered_from", "registered_to")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of one file, as much as is held at once.

    Attributes:
        groups: row groups of a Parquet file; None: the whole file.
        first: number of its first row in the table; -1 when the rows before it are not counted yet.
        names: field -> column. practice: of its folder; practice_column: the column that names it.
    """

    table: str
    file: Path
    groups: tuple[int, ...] | None
    first: int
    names: Mapping[str, str]
    practice: str | None
    practice_column: str | None
    by_practice: bool


@dataclass(frozen=True, slots=True)
class Spilled:
    """What one piece held: files written, rows, and the distinct cells of its date columns."""

    table: str
    files: tuple[str, ...]
    rows: int
    dates: Mapping[str, frozenset[Cell]]


def spill(piece: Piece, partitions: int, folder: str, number: int) -> Spilled:
    """Reads a piece and writes it by partition into `folder`, as files named after `number`.

    Raises:
        InputRejected: the file is damaged, or Excel has rounded its ids.
    """
    files, rows = [], 0
    dates = _no_dates(piece)
    with readable(piece):
        for count, table in enumerate(read_piece(piece)):
            _note(table, dates)
            files.append(f"{folder}/{piece.table}-{number:05d}-{count:04d}.arrow")
            _write(table, partitions, files[-1])
            rows += len(table)
    return _spilled(piece, files, rows, dates)


def survey(piece: Piece) -> Spilled:
    """What `spill` says of a piece, when nothing is to be written: of its columns the ids and dates alone are read.

    Raises:
        InputRejected: see `spill`.
    """
    dates, rows = _no_dates(piece), 0
    names = {field: name for field, name in piece.names.items() if field == "patient_id" or field in dates}
    narrow = replace(piece, names=names, practice=None, practice_column=None, by_practice=False)
    with readable(piece):
        for table in read_piece(narrow):
            _note(table, dates)
            rows += len(table)
    return _spilled(piece, (), rows, dates)


@contextmanager
def readable(piece: Piece) -> Iterator[None]:
    """Whatever goes wrong with the file of a piece is said of that file.

    Raises:
        InputRejected: the file is damaged.
    """
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_file(piece.file) from error


def read_piece(piece: Piece) -> Iterator[pa.Table]:
    """The piece as much as is held at once: its fields by their names, with each row's patient and number.

    Raises:
        InputRejected: Excel has rounded its ids.
    """
    rows = 0
    for batch in _batches(piece):
        yield _keyed(piece, batch, rows)
        rows += len(batch)


def _no_dates(piece: Piece) -> dict[str, set[Cell]]:
    return {field: set() for field in _DATES if field in piece.names}


def _note(table: pa.Table, dates: Mapping[str, set[Cell]]) -> None:
    for field, seen in dates.items():
        seen.update(_distinct(table.column(field)))


def _spilled(piece: Piece, files: Sequence[str], rows: int, dates: Mapping[str, set[Cell]]) -> Spilled:
    return Spilled(piece.table, tuple(files), rows, {field: frozenset(seen) for field, seen in dates.items()})


def _batches(piece: Piece) -> Iterator[pa.RecordBatch]:
    wanted = list(dict.fromkeys([*piece.names.values(), *filter(None, [piece.practice_column])]))
    if piece.file.suffix.lower() == ".csv":
        with open_csv(piece.file, wanted) as reader:
            yield from _larger(batch.select(wanted) for batch in reader)
        return
    schema = pq.read_schema(piece.file)
    # ids are mostly distinct: to look each up among those before costs more than to read them as they stand
    texts = [name for name in wanted if is_text(schema.field(name).type) and name != piece.names["patient_id"]]
    with pq.ParquetFile(piece.file, read_dictionary=texts, page_checksum_verification=True) as source:
        yield from source.iter_batches(ROWS_A_PIECE, row_groups=piece.groups, columns=wanted)


def _larger(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of a piece's size: every batch becomes a file that every partition opens."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= ROWS_A_PIECE:
            yield from pa.Table.from_batches(held).combine_chunks().to_batches()
            held = []
    if held:
        yield from pa.Table.from_batches(held).combine_chunks().to_batches()


def _keyed(piece: Piece, batch: pa.RecordBatch, before: int) -> pa.Table:
    """The fields of a batch, with each row's patient and number."""
    ids = batch.column(piece.names["patient_id"])
    if rounded_ids(ids):
        raise _rounded(piece)
    practice = _practice(piece, batch)
    row = np.arange(len(batch), dtype=np.int32) + np.int32(piece.first + before)
    columns = {KEY: clean_ids(ids), ROW: pa.array(row)}
    for field, name in piece.names.items():
        if field not in ("patient_id", "practice_id"):
            columns[field] = _encoded(batch.column(name))
    if practice is not None and (piece.by_practice or piece.table in ("Patients", "Treatments")):
        columns["practice_id"] = _encoded(practice)
    return pa.table(columns)


def _practice(piece: Piece, batch: pa.RecordBatch) -> pa.Array | None:
    if piece.practice_column is not None:
        return batch.column(piece.practice_column)
    if piece.practice is None:
        return None
    codes = pa.array(np.zeros(len(batch), np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array([piece.practice]))


def _rounded(piece: Piece) -> InputRejected:
    return InputRejected(
        "Excel has rounded the patient ids: two patients may have become one.",
        where=f"{piece.file.name}, column {piece.names['patient_id']}",
        remedy="Format the column as text and export it again.",
        code="ID_ROUNDED",
    )


def _encoded(column: pa.Array) -> pa.Array:
    """Text as a dictionary with short codes; anything else as it is."""
    if is_text(column.type):
        column = column.dictionary_encode()
    if not pa.types.is_dictionary(column.type):
        return column
    size = len(column.dictionary)
    kind = pa.int8() if size < 1 << 7 else pa.int16() if size < 1 << 15 else pa.int32()
    values = column.dictionary.cast(pa.string()) if is_text(column.type.value_type) else column.dictionary
    return pa.DictionaryArray.from_arrays(column.indices.cast(kind), values)


def _distinct(column: pa.ChunkedArray) -> list[Cell]:
    chunk = column.combine_chunks()
    values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else pc.unique(chunk)
    return as_cells(values)


def partition_of(ids: pa.StringArray, partitions: int) -> NDArray[np.uint16]:
    """Where each row's patient goes; ids that differ by leading zeros only go together, so that they are found out."""
    if pc.any(pc.starts_with(ids, "0")).as_py():
        ids = pc.ascii_ltrim(ids, "0")
    places: NDArray[np.uint16] = (hashed(ids) % np.uint64(partitions)).astype(np.uint16)
    return places


def _write(table: pa.Table, partitions: int, path: str) -> None:
    """One batch a partition."""
    batch, ends = in_partitions(table, partitions)
    with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):
            writer.write_batch(batch.slice(begin, end - begin))


def in_partitions(table: pa.Table, partitions: int) -> tuple[pa.RecordBatch, list[int]]:
    """The rows in the order of their partitions, and where each ends; within it the rows keep their order."""
    place = partition_of(table.column(KEY).combine_chunks(), partitions)
    order = pa.array(np.argsort(place, kind="stable"))
    ends = np.cumsum(np.bincount(place, minlength=partitions)).tolist()
    arrays = [column.combine_chunks().take(order) for column in table.columns]
    return pa.RecordBatch.from_arrays(arrays, table.column_names), ends


def packed(batch: pa.RecordBatch) -> bytes:
    """Rows as bytes that stand alone: no word travels that none of them has."""
    arrays = [_encoded(column.dictionary_decode()) if pa.types.is_dictionary(column.type) else column
              for column in batch.columns]  # fmt: skip
    small = pa.RecordBatch.from_arrays(arrays, batch.schema.names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, small.schema) as writer:
        writer.write_batch(small)
    whole: bytes = sink.getvalue().to_pybytes()
    return whole


def unpacked(parts: Sequence[bytes]) -> pa.Table:
    """Rows that were packed, one part after the other."""
    return _together([batch for part in parts for batch in pa.ipc.open_stream(part)])


def load(files: list[str], partition: int) -> pa.Table | None:
    """The rows of one partition from the files of one table; None when the table is not there."""
    batches = []
    for path in files:
        with pa.memory_map(path) as source:
            batches.append(pa.ipc.open_file(source).get_batch(partition))
    return _together(batches) if batches else None


def _together(batches: list[pa.RecordBatch]) -> pa.Table:
    """Batches whose dictionaries may have codes of different width."""
    names = batches[0].schema.names
    columns = {}
    for name in names:
        arrays = [batch.column(name) for batch in batches]
        if len({array.type for array in arrays}) > 1:
            arrays = [_widened(array) for array in arrays]
        columns[name] = pa.chunked_array(arrays)
    return pa.table(columns)


def _widened(array: pa.Array) -> pa.Array:
    if not pa.types.is_dictionary(array.type):
        return array.dictionary_encode()
    return pa.DictionaryArray.from_arrays(array.indices.cast(pa.int32()), array.dictionary)
