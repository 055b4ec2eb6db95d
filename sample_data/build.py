"""Writes the synthetic practices: `python -m sample_data.build`.

`records.xlsx`, `messy.xlsx` and the tables in README.md follow from `stories` and `messy` alone: every run writes
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter

from sample_data import FOLDER, messy
from sample_data.clinic import EXTRACT_DATE, HISTORY_START
from sample_data.person import Cell, Person, Row, day_of
from sample_data.stories import cast, told
from schemas.vocabulary import INPUT_COLUMNS

Rows = Sequence[Sequence[Cell]]

ABOUT: Rows = (
    ("practice_id", "W90001"),
    ("extract_date", EXTRACT_DATE),
    ("history_start", HISTORY_START),
    ("source_system", "Willow Tree Surgery (synthetic)"),
)
#: About says which practice it is, once for all patients.
_PATIENT_COLUMNS = tuple(name for name in INPUT_COLUMNS["Patients"] if name != "practice_id")
_WIDTHS = {"drug": 60, "directions": 52, "cause": 28, "indication": 28, "neurological_involvement": 25}
_WIDTH = 17
_CREATED = datetime(2026, 4, 1)


def practice() -> list[Person]:
    """The patients of `records.xlsx`, by number."""
    return [told(story, id_, place) for story, ids in cast() for place, id_ in enumerate(ids)]


def records() -> dict[str, Rows]:
    """The sheets of `records.xlsx`, the heading row first."""
    return sheets_of(practice(), ABOUT)


def sheets_of(people: Sequence[Person], about: Rows) -> dict[str, Rows]:
    """The sheets of a practice with these patients, the heading row first."""
    rows = {
        "Patients": [{"patient_id": person.patient_id, **person.fields} for person in people],
        "Treatments": _dated(people, "treatments"),
        "Tests": _dated(people, "tests"),
        "Reviews": _dated(people, "reviews"),
    }
    columns = INPUT_COLUMNS | {"Patients": _PATIENT_COLUMNS}
    return {"About": about} | {name: _table(rows[name], columns[name]) for name in rows}


def _dated(people: Iterable[Person], sheet: str) -> list[Row]:
    """The rows of all patients, each patient's by date, those after the extract left out."""
    out: list[Row] = []
    for person in people:
        own: list[Row] = [row for row in getattr(person, sheet) if day_of(row) <= EXTRACT_DATE]
        out += [{"patient_id": person.patient_id, **row} for row in sorted(own, key=day_of)]
    return out


def _table(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str]) -> Rows:
    return [columns, *([row.get(column, "") for column in columns] for row in rows)]


def workbook(sheets: Mapping[str, Rows], tidy: bool) -> bytes:
    """A workbook with real date cells shown as dd/mm/yyyy; the same bytes on every run.

    Args:
        sheets: rows by sheet.
        tidy: the first row of each sheet but About is its heading row: make it bold and keep it in sight.
    """
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        # otherwise the clock's time would be in the file
        book.set_properties({"title": "Synthetic records", "created": _CREATED})
        formats = {"date": book.add_format({"num_format": "dd/mm/yyyy"}), "heading": book.add_format({"bold": True})}
        for name, rows in sheets.items():
            _write_sheet(book.add_worksheet(name), rows, formats)
            if tidy:
                _dress(book.get_worksheet_by_name(name), rows, formats["heading"])
    return buffer.getvalue()


def _write_sheet(sheet: xlsxwriter.worksheet.Worksheet, rows: Rows, formats: Mapping[str, object]) -> None:
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, cell, formats["date"])
            elif isinstance(cell, str):
                if cell:
                    sheet.write_string(number, place, cell)
            else:
                sheet.write_number(number, place, cell)


def _dress(sheet: xlsxwriter.worksheet.Worksheet, rows: Rows, heading: object) -> None:
    """Column widths, and a bold heading row that stays in sight and filters."""
    if sheet.get_name() == "About":
        sheet.set_column(0, 0, _WIDTH, heading)
        sheet.set_column(1, 1, 2 * _WIDTH)
        return
    sheet.set_row(0, None, heading)
    for place, name in enumerate(rows[0]):
        sheet.set_column(place, place, _WIDTHS.get(str(name), _WIDTH))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)


# README.md


def readme(text: str) -> str:
    """The text with the tables between its markers written anew."""
    stories = [(_span(ids), story.shows) for story, ids in cast()]
    table = _markdown((f"patients ({len(practice())})", "what they show"), stories)
    text = _between(text, "stories", table)
    return _between(text, "faults", _markdown(("where", "what is wrong"), messy.FAULTS))


def _span(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{ids[0]} to {ids[-1]}"


def _markdown(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _between(text: str, name: str, table: str) -> str:
    """The text with what stands between `<!-- name -->` and `<!-- end -->` replaced."""
    before, begin, rest = text.partition(f"<!-- {name} -->")
    _, end, after = rest.partition("<!-- end -->")
    if not end:
        raise ValueError(f"README.md lacks the markers of {name}")
    return f"{before}{begin}\n{table}\n{end}{after}"


def build(folder: Path) -> None:
    """Write both workbooks into a folder, and bring the tables of the README.md in it up to date."""
    (folder / "records.xlsx").write_bytes(workbook(records(), tidy=True))
    (folder / "messy.xlsx").write_bytes(workbook(messy.sheets(), tidy=False))
    page = folder / "README.md"
    page.write_text(readme(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    build(FOLDER)
