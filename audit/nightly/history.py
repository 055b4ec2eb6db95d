"""The history of a site: every good run and its scores, in one SQLite file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audit.errors import CannotWrite
from audit.nightly.shrink import Extent
from audit.results.audit import Score

FILE: Final = "history.sqlite"
#: each entry brings the database one version further; entries are only ever added
_MIGRATIONS: Final = (
    """
    CREATE TABLE run (
        run_id TEXT PRIMARY KEY, made_at TEXT NOT NULL, extract_date TEXT NOT NULL, standard TEXT NOT NULL,
        version TEXT NOT NULL, folder TEXT NOT NULL, treatment_rows INTEGER NOT NULL, patients INTEGER NOT NULL,
        days INTEGER NOT NULL, partial INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE score (
        run_id TEXT NOT NULL REFERENCES run (run_id) ON DELETE CASCADE, criterion TEXT NOT NULL,
        met INTEGER NOT NULL, not_met INTEGER NOT NULL, excepted INTEGER NOT NULL, not_assessable INTEGER NOT NULL,
        pending INTEGER NOT NULL, not_applicable INTEGER NOT NULL, excluded INTEGER NOT NULL,
        PRIMARY KEY (run_id, criterion)
    ) STRICT, WITHOUT ROWID;
    """,
    "CREATE INDEX run_by_extract ON run (extract_date, made_at);",
    "ALTER TABLE run ADD COLUMN lists TEXT NOT NULL DEFAULT '{}';",
)
_COUNTS: Final = ("met", "not_met", "excepted", "not_assessable", "pending", "not_applicable", "excluded")


@dataclass(frozen=True, slots=True)
class Entry:
    """One good run; times and days as ISO text."""

    run_id: str
    made_at: str
    extract_date: str
    standard: str
    version: str
    folder: str
    extent: Extent
    partial: bool


@dataclass(frozen=True, slots=True)
class Point:
    """One criterion in one run, for a chart over time."""

    extract_date: str
    made_at: str
    met: int
    eligible: int


@contextmanager
def opened(state: Path) -> Iterator[sqlite3.Connection]:
    """The history, brought to the newest version; what is written is kept only if the block ends well.

    Raises:
        CannotWrite: the file is damaged, is newer than this program, or the disk refused.
    """
    path = state / FILE
    try:
        connection = sqlite3.connect(path, timeout=10)
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection)
            with connection:
                yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        what = f"The history of this site cannot be used ({type(error).__name__})."
        remedy = "move the file aside: a new history begins with the next run; the reports are not touched"
        raise CannotWrite(what, where=str(path), remedy=remedy, code="HISTORY_DAMAGED") from error


def _migrate(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(_MIGRATIONS):
        raise sqlite3.DatabaseError("made by a newer version")
    for number, script in enumerate(_MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")


def remember(connection: sqlite3.Connection, entry: Entry, scores: Sequence[Score]) -> None:
    """Adds a run and its scores; the same run again replaces itself."""
    extent = entry.extent
    row = (
        *(entry.run_id, entry.made_at, entry.extract_date, entry.standard, entry.version, entry.folder),
        *(extent.rows, extent.patients, extent.days, int(entry.partial), json.dumps(dict(extent.lists))),
    )
    connection.execute("DELETE FROM run WHERE run_id = ?", (entry.run_id,))
    connection.execute(f"INSERT INTO run VALUES ({_marks(len(row))})", row)
    rows = [(entry.run_id, score.criterion, *(getattr(score, name) for name in _COUNTS)) for score in scores]
    connection.executemany(f"INSERT INTO score VALUES ({_marks(len(_COUNTS) + 2)})", rows)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def entries(connection: sqlite3.Connection) -> list[Entry]:
    """Every run, in the order in which they were added, whatever the clock said."""
    rows = connection.execute("SELECT * FROM run ORDER BY rowid").fetchall()
    return [_entry(*row) for row in rows]


def _entry(*row: Any) -> Entry:
    run_id, made_at, extract_date, standard, version, folder, treatment_rows, patients, days, partial, lists = row
    extent = Extent(treatment_rows, patients, days, json.loads(lists))
    return Entry(run_id, made_at, extract_date, standard, version, folder, extent, bool(partial))


def over_time(connection: sqlite3.Connection, criterion: str) -> list[Point]:
    """One criterion's scores by extract date; of several runs with one extract date the last made."""
    query = """
        SELECT extract_date, made_at, met, met + not_met + excepted + not_assessable, max(run.rowid)
        FROM run JOIN score USING (run_id) WHERE criterion = ? GROUP BY extract_date ORDER BY extract_date
    """
    return [Point(*row[:-1]) for row in connection.execute(query, (criterion,))]
