"""Recognises a folder of canonical tables too large for one sheet: which files hold which table, under which headings.

data/Treatments/*.parquet          one folder a table, any number of files, in folders below too
data/Treatments/practice_id=A/...  a practice may be a folder (hive); in every table, or in none
data/Treatments.csv                one large file a table
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

from audit.errors import InputRejected
from audit.intake.cells import Cell, Grid, Sheet, letter
from audit.intake.columnar import rows_of
from audit.intake.heading_map import HeadingMap
from audit.intake.headings import read_grid
from audit.intake.words import squash
from schemas.vocabulary import INPUT_COLUMNS

#: rows of one piece of work, and of each file those at its beginning that the identity gate and the headings see
ROWS_A_PIECE: Final = 1_000_000
SAMPLED_ROWS: Final = 2_000
SAMPLED_FILES: Final = 10
_PRACTICE: Final = "practice_id"
_ENDINGS: Final = (".parquet", ".csv")
#: bytes of a csv row, when nobody has counted them yet
_BYTES_A_ROW: Final = 80
#: bytes of a csv file that are read at once: of a block several are read ahead, of a sample two
_BYTES_OF_A_BLOCK: Final = 1 << 24
_BYTES_OF_A_SAMPLE: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a table.

    Attributes:
        rows: how many it has; of a csv file an estimate. most: no more than these.
        practice: of the folder it lies in, None where no folder names one.
    """

    path: Path
    rows: int
    most: int
    practice: str | None


@dataclass(frozen=True, slots=True)
class TableFiles:
    """One table of the folder.

    Attributes:
        grid: its headings: fields and letters, no rows.
        names: field -> the column's name in the files.
        keyed: every row says its practice, in a folder's name or a column.
    """

    table: str
    parts: tuple[Part, ...]
    grid: Grid
    names: Mapping[str, str]
    practice: str | None
    sample: Sheet

    @property
    def rows(self) -> int:
        """Rows of all its files."""
        return sum(part.rows for part in self.parts)

    @property
    def keyed(self) -> bool:
        """Whether every row says its practice, in a folder's name or in a column."""
        return self.practice is not None or all(part.practice is not None for part in self.parts)


@dataclass(frozen=True, slots=True)
class DataFolder:
    """A folder of tables; `about` is its About sheet, if any."""

    path: Path
    tables: Mapping[str, TableFiles]
    about: Sheet | None

    @property
    def flat(self) -> bool:
        """Whether there is no table of patients."""
        return "Patients" not in self.tables

    @property
    def by_practice(self) -> bool:
        """Whether the same id in two practices is two patients: every table says the practice of every row."""
        return all(table.keyed for table in self.tables.values())

    @property
    def files(self) -> list[Path]:
        """Every file that is read."""
        return [part.path for table in self.tables.values() for part in table.parts]


def open_folder(path: Path, mapping: HeadingMap) -> DataFolder:
    """Finds the tables of a folder and reads their headings; no row but the first of each file.

    Raises:
        InputRejected: no table of treatments, a table twice, files of one table with different columns, or headings
            that `read_grid` refuses.
    """
    found = {table: files for table in INPUT_COLUMNS if (files := _table_files(path, table))}
    if "Treatments" not in found:
        raise InputRejected(
            "There is no table of treatments in the folder.",
            where=path.name,
            remedy="put its Parquet files into a folder named Treatments, or name one csv file Treatments.csv",
            code="NO_TREATMENTS_TABLE",
        )
    flat = "Patients" not in found
    tables = {name: _opened(path, name, files, flat, mapping) for name, files in found.items()}
    about = _table_files(path, "About")
    return DataFolder(path, tables, _about(path, about[0]) if about else None)


def _table_files(path: Path, table: str) -> list[Path]:
    """The files of one table, by name."""
    places = [inside for inside in path.iterdir() if squash(inside.stem if inside.is_file() else inside.name)
              == squash(table) and (inside.is_dir() or inside.suffix.lower() in _ENDINGS)]  # fmt: skip
    if len(places) > 1:
        raise InputRejected(
            f"The table {table} stands twice in the folder.",
            where=", ".join(sorted(place.name for place in places)),
            remedy="leave the one that is meant",
            code="SHEET_TWICE",
        )
    return [file for place in places for file in (_files(place) if place.is_dir() else [place])]


def _files(folder: Path) -> list[Path]:
    """Data files below a folder, but hidden ones and what starts with an underscore (Spark's own marks)."""
    files = (file for file in folder.rglob("*") if file.suffix.lower() in _ENDINGS and file.is_file())
    return sorted(file for file in files if not any(part[0] in "._" for part in file.relative_to(folder).parts))


def _opened(path: Path, table: str, files: Sequence[Path], flat: bool, mapping: HeadingMap) -> TableFiles:
    schemas = [column_names(file) for file in files]
    different = next((file for file, names in zip(files, schemas, strict=True) if set(names) != set(schemas[0])), None)
    if different is not None:
        raise InputRejected(
            f"Two files of the table {table} have different columns.",
            where=f"{files[0].relative_to(path)} and {different.relative_to(path)}",
            remedy="write all files of a table with the same columns",
            code="COLUMNS_DIFFER",
        )
    names = tuple(schemas[0])
    sample = Sheet(path.name, table, [names, *_sampled(files, names)])
    tables = (table, "Patients") if flat and table == "Treatments" else (table,)
    grid = read_grid(tables, sample, mapping)
    letters = {letter(place): name for place, name in enumerate(names)}
    columns = {field: letters[column.letter] for field, column in grid.columns.items()}
    own = next((name for name in names if squash(name) == squash(_PRACTICE)), None)
    parts = tuple(Part(file, *_count(file, len(names)), _hive(file.relative_to(path))) for file in files)
    return TableFiles(table, parts, grid, columns, own, sample)


def column_names(file: Path) -> list[str]:
    """The columns of a file.

    Raises:
        InputRejected: it is no such file.
    """
    try:
        if file.suffix.lower() == ".csv":
            with pcsv.open_csv(file) as reader:
                return list(reader.schema.names)
        schema = pq.read_schema(file)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise damaged_file(file) from error
    if nested := [column.name for column in schema if pa.types.is_nested(column.type)]:
        what = f"The Parquet file has columns of lists or records ({len(nested)})."
        raise InputRejected(what, where=file.name, remedy=_AGAIN, code="PARQUET_NESTED")
    return list(schema.names)


_AGAIN: Final = "write the table again, with plain columns of text, numbers and dates, as Parquet or csv"


def damaged_file(file: Path) -> InputRejected:
    """A file that cannot be read."""
    return InputRejected("A file of the folder cannot be read.", where=file.name, remedy=_AGAIN, code="FILE_DAMAGED")


def _count(file: Path, columns: int) -> tuple[int, int]:
    """Rows of a file, and how many it has at most."""
    if file.suffix.lower() == ".csv":
        size = file.stat().st_size
        # a row has as many commas and line ends as columns
        return size // _BYTES_A_ROW + 1, size // columns + 1
    rows: int = pq.read_metadata(file).num_rows
    return rows, rows


def _hive(place: Path) -> str | None:
    """The practice that a folder on the way names, as practice_id=A."""
    pairs = [part.partition("=") for part in place.parts[:-1]]
    return next((unquote(value) for key, _, value in pairs if squash(key) == squash(_PRACTICE) and value), None)


def _sampled(files: Sequence[Path], names: Sequence[str]) -> list[tuple[Cell, ...]]:
    """The first rows of some files, spread evenly over all of them."""
    step = max(1, len(files) // SAMPLED_FILES)
    rows: list[tuple[Cell, ...]] = []
    for file in files[::step]:
        rows += rows_of(_first(file).select(list(names)))
    return rows


def _first(file: Path) -> pa.Table:
    """The first rows of a file."""
    if file.suffix.lower() == ".csv":
        with open_csv(file, column_names(file), _BYTES_OF_A_SAMPLE) as reader:
            found = pa.Table.from_batches([], reader.schema)
            while len(found) < SAMPLED_ROWS and (batch := next(reader, None)) is not None:
                found = pa.concat_tables([found, pa.Table.from_batches([batch])])
            return found.slice(0, SAMPLED_ROWS)
    with pq.ParquetFile(file) as source:
        batches = source.iter_batches(batch_size=SAMPLED_ROWS)
        first = next(batches, None)
        return source.schema_arrow.empty_table() if first is None else pa.Table.from_batches([first])


def open_csv(file: Path, names: Sequence[str], block: int = _BYTES_OF_A_BLOCK) -> pcsv.CSVStreamingReader:
    """A csv file as batches of text, each of `block` bytes: nothing is guessed, no word becomes a missing value."""
    convert = pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    return pcsv.open_csv(file, read_options=pcsv.ReadOptions(block_size=block), convert_options=convert,
                         parse_options=pcsv.ParseOptions(newlines_in_values=True))  # fmt: skip


def _about(path: Path, file: Path) -> Sheet:
    names = column_names(file)
    return Sheet(path.name, "About", [tuple(names), *rows_of(_first(file))])
