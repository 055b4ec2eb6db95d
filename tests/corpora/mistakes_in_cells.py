"""Mistakes in what a workbook's cells and headings say."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.corpora.user_mistakes import (
    HISTORY,
    INPUT,
    PATIENTS,
    Make,
    Mistake,
    Rows,
    Sheets,
    cells,
    kind,
    one_table,
    place_of,
    practice,
    void,
    written,
)
from tests.intake_files import HYDROXO, write_csv, write_xlsx


def _renamed(sheets: Sheets, old: str, new: str) -> Sheets:
    return {(new if name == old else name): rows for name, rows in sheets.items()}


def _headed(sheets: Sheets, **headings: str) -> Sheets:
    made = deepcopy(sheets)
    for old, new in headings.items():
        made["Treatments"][0][place_of(sheets, "Treatments", old)] = new
    return made


def _without(sheets: Sheets, *headings: str) -> Sheets:
    made = deepcopy(sheets)
    gone = {place_of(sheets, "Treatments", heading) for heading in headings}
    made["Treatments"] = [[cell for at, cell in enumerate(row) if at not in gone] for row in made["Treatments"]]
    return made


def _formed(form: str) -> Callable[[Any], Any]:
    return lambda day: day.strftime(form)


def _always(cell: Any) -> Callable[[Any], Any]:
    return lambda _: cell


def _exchanged(words: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda cell: words.get(cell, cell)


@kind("sheet misnamed")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for other in ("Sheet1", "Treatment", "Injections", "B12 2025", "Data", "Tretments"):
        yield Mistake(name, written(_renamed(practice(), "Treatments", other)), exit_code=4, says="NO_TREATMENTS_SHEET")


@kind("column missing")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for gone in ("patient_id", "date", "drug", "date drug", "patient_id date", "patient_id drug"):
        yield Mistake(name, written(_without(practice(), *gone.split())), exit_code=4, says="COLUMNS_MISSING")


@kind("heading misspelt, or two that may be meant")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    sheets = practice()
    both = deepcopy(sheets)
    both["Treatments"] = [[*row, row[1]] for row in both["Treatments"]]
    both["Treatments"][0][1], both["Treatments"][0][-1] = "Date of Issue", "Date Given"
    made = [
        *(_headed(sheets, patient_id="patinet_id"), _headed(sheets, date="Dte"), _headed(sheets, drug="Drug nmae")),
        *(_headed(sheets, date="datte", drug="drugg"), _headed(sheets, patient_id="Pateint id"), both),
    ]
    for one in made:
        yield Mistake(name, written(one), exit_code=4, says="HEADING_UNSURE", reads="same", then="paste")


@kind("headings but no rows")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    sheets = practice()
    top = sheets["Treatments"][0]
    for rows in ([top], [top, [""] * 8], [top, ["Total"]], [], [["Report run 31/03/2025"], [], top], [top, [], [" "]]):
        yield Mistake(name, written({**sheets, "Treatments": rows}), exit_code=6, says="NO_ROWS")


@kind("dates as text")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%d.%m.%Y", "%d/%m/%y", " %d %B %Y\xa0"):
        made = cells(practice(), "Treatments", "date", _formed(form))
        yield Mistake(name, written(made), reads="same")


@kind("day first and month first in one column")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for share in (0.02, 0.1, 0.3, 0.5, 0.8, 0.95):
        made = practice()
        late = [row for row in made["Treatments"][1:] if row[1].day > 12]
        other = {id(row) for row in rng.sample(late, max(1, min(len(late) - 1, int(share * len(late)))))}
        for row in made["Treatments"][1:]:
            row[1] = row[1].strftime("%m/%d/%Y" if id(row) in other else "%d/%m/%Y")
        yield Mistake(name, written(made), exit_code=4, says="DATE_ORDER_MIXED")


@kind("month first")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for form in ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y", "%m/%d/%Y %H:%M", " %m/%d/%Y "):
        made = cells(practice(), "Treatments", "date", _formed(form))
        yield Mistake(name, written(made), exit_code=4, says="DATE_ORDER_MONTH_FIRST")


@kind("dates in the future")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for place, year in enumerate((2026, 2027, 2052)):
        made = practice()
        made["Treatments"].append([PATIENTS[place], date(year, 1, 5), HYDROXO, "administered", "im", "1 mg", 1, ""])
        yield Mistake(name, written(made), says="EVENT_AFTER_END", reads="said")
    # nothing says what the last day is, and the latest entry is a typing error
    for year in (2052, 2062, 2102):
        made = practice()
        del made["About"][1]
        row = made["Treatments"][-1]
        row[1] = row[1].replace(year=year)
        yield Mistake(name, written(made), exit_code=4, says="EXTRACT_DATE_IN_FUTURE")


@kind("a date that is none")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for cell in ("31/02/2024", "Mar 2024", "soon", "13/13/2024", "2024", 7):
        made = practice()
        rng.choice(made["Treatments"][1:])[1] = cell
        yield Mistake(name, written(made), says="DATE_UNREADABLE", reads="said")


# --- identifiable data

_NUMBER = "943 476 5919"
_PEOPLE = ("Quentina Zubrowska", "Margaret Quillfeather", "John Zwiebelkopf", "Susan Xanthopoulos")


def _digits(place: int) -> str:
    """A number that passes the NHS check, made of its place."""
    for number in range(900_000_000 + 37 * place, 999_999_999):
        first = str(number)
        check = 11 - sum(int(digit) * (10 - at) for at, digit in enumerate(first)) % 11
        if check != 10:
            return first + str(check % 11)
    raise AssertionError(place)


def _beside(heading: str, values: list[Any], sheet: str = "Patients") -> Sheets:
    made = practice()
    made[sheet][0].append(heading)
    for row in made[sheet][1:]:
        row.append(values[PATIENTS.index(row[0]) % len(values)])
    return made


def _refused(name: str, made: Sheets, then: str = "paste") -> Mistake:
    return Mistake(name, written(made), exit_code=5, says="IDENTIFIABLE", then=then)


@kind("a column of NHS numbers")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    numbers = [_digits(place) for place in range(1, 9)]
    spaced = [f"{one[:3]} {one[3:6]} {one[6:]}" for one in numbers]
    for heading, values in (("NHS Number", numbers), ("nhs_no", spaced), ("Other reference", numbers)):
        yield _refused(name, _beside(heading, values))
    yield _refused(name, _beside("CHI", [int(one) for one in numbers]))
    yield _refused(name, _beside("Comment", [f"moved, was {one}" for one in spaced]))
    yield _refused(name, _beside("Patient Details NHS Number", numbers, "Treatments"))


@kind("a column of names")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for heading in ("Name", "Patient Name", "Full Name", "Remarks"):
        yield _refused(name, _beside(heading, list(_PEOPLE)))
    yield _refused(name, _beside("Surname", [one.split()[1] for one in _PEOPLE]))
    yield _refused(name, _beside("Forename", [one.split()[0] for one in _PEOPLE], "Treatments"))


@kind("a column of dates of birth")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    days = [date(1941, 3, 7) + timedelta(days=371 * place) for place in range(8)]
    for heading in ("DOB", "Date of Birth", "dob", "Birth date"):
        yield _refused(name, _beside(heading, days))
    yield _refused(name, _beside("D.O.B.", [day.strftime("%d/%m/%Y") for day in days]))
    made = cells(practice(), "Patients", "year_of_birth", lambda year: date(year, 4, 2))
    yield _refused(name, made)


@kind("postcodes, telephone numbers, e-mail addresses")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for heading, values in (
        ("Postcode", ["ZE2 9XQ", "KW17 2QX", "TR21 0QX"]),
        ("Area", ["ZE2 9XQ", "KW17 2QX", "TR21 0QX", "IV27 4QX", "PH41 4QX"]),
        ("Mobile Telephone", ["07700 900123", "07700 900456", "07700 900789"]),
        ("Contact", ["07700 900123", "07700 900456", "07700 900789", "07700 900234"]),
        ("E-mail Address", ["quentina@example.org", "zwiebel@example.org", "xantho@example.org"]),
        ("Note", ["quentina@example.org", "zwiebel@example.org", "xantho@example.org"]),
    ):
        yield _refused(name, _beside(heading, values))


@kind("a person's details beside the tables")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    sheets = practice()
    yield _refused(name, {**sheets, "Old list": [["Name", "NHS Number"], [_PEOPLE[0], _digits(3)]]})
    yield _refused(name, {**sheets, f"Q {_NUMBER}": [["x"]]}, then="")
    yield _refused(name, _headed(sheets, directions=_NUMBER), then="")
    yield Mistake(name, lambda folder: _with_comment(folder, sheets), exit_code=5, says="IDENTIFIABLE", then="paste")
    yield Mistake(name, lambda folder: _hidden(folder, sheets), exit_code=5, says="IDENTIFIABLE", then="paste")
    file = f"{_NUMBER}.xlsx"
    yield Mistake(name, written(sheets, file), argv=("run", file), exit_code=5, says="IDENTIFIABLE")


def _with_comment(folder: Path, sheets: Sheets) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415

    book = load_workbook(write_xlsx(folder / INPUT, sheets))
    book["Treatments"]["B2"].comment = Comment("rang 943 476 5919", "me")
    book.save(folder / INPUT)


def _hidden(folder: Path, sheets: Sheets) -> None:
    book = load_workbook(write_xlsx(folder / INPUT, {**sheets, "Look-up": [["id", "NHS Number"], ["1", _digits(4)]]}))
    book["Look-up"].sheet_state = "veryHidden"
    book.save(folder / INPUT)


# --- shapes


@kind("formulas never calculated")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for column in ("A", "B", "C", "D", "F", "G"):
        yield Mistake(
            name,
            functools.partial(_formulas, column=column),
            exit_code=4,
            says="FORMULAS_NOT_CALCULATED",
        )


def _formulas(folder: Path, column: str) -> None:
    book = Workbook()
    book.remove(book.active)
    for name, rows in practice().items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for number in range(2, 6):
        book["Treatments"][f"{column}{number}"] = f"={column}{number + 10}"
    book.save(folder / INPUT)


@kind("each patient named once, above the rows")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for variant in range(6):
        made = practice()
        if variant % 2:
            made["Treatments"] = one_table(made)
            del made["Patients"]
        seen: set[str] = set()
        for row in made["Treatments"][1:]:
            known = row[0] in seen
            seen.add(row[0])
            # two of the patients keep their id on every row in some exports
            if known and row[0] not in PATIENTS[: variant // 2]:
                row[0] = ""
        yield Mistake(name, written(made), exit_code=4, says="GROUPED_EXPORT", reads="same", then="add")


@kind("last issues only")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    heads = (("patient_id", "date", "drug"), ("Pseudo ID", "Date of Issue", "Drug"), ("Study ID", "Issue Date", "Drug"))
    for variant in range(6):
        rows: Rows = [list(heads[variant % 3])]
        for patient in range(24 + 5 * variant):
            rows.append([f"QX7Z-{patient:03}", date(2024, 1, 1) + timedelta(days=rng.randrange(300)), HYDROXO])
        make, file = (_as_csv(rows), "list.csv") if variant > 2 else (written({"Treatments": rows}), INPUT)
        yield Mistake(name, make, argv=("run", file), exit_code=4, says="LAST_ISSUE_ONLY")


def _as_csv(rows: Rows) -> Make:
    return lambda folder: void(write_csv(folder / "list.csv", rows))


@kind("hidden rows, columns and sheets")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    says = {"rows": "HIDDEN_ROWS", "row": "HIDDEN_ROWS", "column": "HIDDEN_COLUMNS", "wide": "HIDDEN_COLUMNS"}
    for what in (*says, "sheet", "tests"):
        make = functools.partial(_hide, what=what)
        yield Mistake(name, make, says=says.get(what, "HIDDEN_SHEET"), reads="same")


def _hide(folder: Path, what: str) -> None:
    book = load_workbook(write_xlsx(folder / INPUT, {**practice(), "Scrap": [["a", "b"], ["1", "2"]]}))
    sheet = book["Treatments"]
    for row in {"rows": range(5, 40), "row": (9,)}.get(what, ()):
        sheet.row_dimensions[row].hidden = True
    for column in {"column": "D", "wide": "EFG"}.get(what, ""):
        sheet.column_dimensions[column].hidden = True
    book["Scrap"].sheet_state = "hidden" if what == "sheet" else "visible"
    book["Tests"].sheet_state = "hidden" if what == "tests" else "visible"
    book.save(folder / INPUT)


@kind("merged ids and rows of totals")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for sheet in ("Treatments", "Tests", "Reviews"):
        yield Mistake(name, functools.partial(_merge, sheet=sheet), reads="same",
                      says="MERGED_FILLED" if sheet == "Treatments" else "")  # fmt: skip
    for foot in ("Total", "Grand total: 104", "Count"):
        made = practice()
        made["Treatments"].append([foot])
        yield Mistake(name, written(made), says="TOTALS_ROW", reads="same")


def _merge(folder: Path, sheet: str) -> None:
    sheets = practice()
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for number, row in enumerate(sheets[sheet][1:], 2):
        first.setdefault(row[0], number)
        last[row[0]] = number
    book = load_workbook(write_xlsx(folder / INPUT, sheets))
    for patient, top in first.items():
        if last[patient] > top:
            book[sheet].merge_cells(f"A{top}:A{last[patient]}")
    book.save(folder / INPUT)


@kind("rows twice")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for count in (1, 2, 5, 20, 60, 200):
        made = practice()
        rows = made["Treatments"][1:]
        made["Treatments"] += [list(rng.choice(rows)) for _ in range(count)]
        yield Mistake(name, written(made), reads="same")


# --- ids and codes


def _ids(sheets: Sheets, of: dict[str, dict[str, Any]]) -> Sheets:
    made = deepcopy(sheets)
    for sheet, names in of.items():
        for row in made[sheet][1:]:
            row[0] = names.get(row[0], row[0])
    return made


@kind("ids that lost their zeros or became numbers")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    zeros = {patient: f"00{7_000 + place}" for place, patient in enumerate(PATIENTS)}
    short = {patient: str(int(one)) for patient, one in zeros.items()}
    everywhere = dict.fromkeys(("Patients", "Treatments", "Tests", "Reviews"), zeros)
    as_numbers: dict[str, Any] = {patient: int(one) for patient, one in short.items()}
    known = {one: patient for names in (zeros, short) for patient, one in names.items()}
    for sheet, names in (("Patients", short), ("Treatments", short), ("Treatments", as_numbers)):
        made = _ids(practice(), everywhere | {sheet: names})
        yield Mistake(name, written(made), says="ID_LEADING_ZERO", reads="said", ids=known)
    long = {patient: f"1234567890123{place:03}" for place, patient in enumerate(PATIENTS)}
    same = dict.fromkeys(everywhere, long)
    rounded = {patient: "1.23457E+15" for patient in PATIENTS[:3]} | {p: long[p] for p in PATIENTS[3:]}
    one = {**long, PATIENTS[0]: "1.23457E+15"}
    for sheet, cut in (("Treatments", rounded), ("Treatments", one), ("Patients", one)):
        yield Mistake(name, written(_ids(practice(), same | {sheet: cut})), exit_code=4, says="ID_ROUNDED")


@kind("codes of medicines damaged by Excel")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for count in (1, 2, 4, 8, 12, 16):
        made = practice()
        for row in rng.sample(made["Treatments"][1:], count):
            row[2] = "39111511000001104" if count % 2 else 39111511000001104
        yield Mistake(name, written(made), says="CODE_DAMAGED", reads="said")


# --- words


@kind("doses and quantities with words")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for heading, cell, says in (
        ("dose", "1000 micrograms", ""),
        ("dose", "1mg/1ml", ""),
        ("dose", "one ampoule", ""),
        ("quantity", "1 ampoule", ""),
        ("quantity", "half a box", "QUANTITY_UNREADABLE"),
        ("dose", "the usual", "DOSE_UNREADABLE"),
    ):
        made = cells(practice(), "Treatments", heading, _always(cell))
        yield Mistake(name, written(made), says=says, reads="said" if says else "same")


@kind("yes and no in odd spellings")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for yes, no, says in (
        ("Y", "N", ""),
        ("TRUE", "FALSE", ""),
        (1, 0, ""),
        (" Yes ", "NO", ""),
        ("yes", "probably not", "VALUE_UNKNOWN"),
        ("yes", "no?", "VALUE_UNKNOWN"),
    ):
        words = {"yes": yes, "no": no}
        made = cells(practice(), "Patients", "neurological_involvement", _exchanged(words))
        yield Mistake(name, written(made), says=says, reads="said" if says else "same")


@kind("events in other words or misspelt")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for word, says in (
        ("Given", ""),
        ("ADMINISTERED ", ""),
        ("injection given", ""),
        ("adminstered", "EVENT_UNREADABLE"),
        ("done", "EVENT_UNREADABLE"),
        ("", "EVENT_MISSING"),
    ):
        made = cells(practice(), "Treatments", "event", _exchanged({"administered": word}))
        # nine rows in ten are lost: the report is partial
        yield Mistake(name, written(made), exit_code=3 if says else 0, says=says, reads="said" if says else "same")


@kind("directions that nobody can read")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for typed in ("as directed", "mdu", "nmkljkljllk", "see notes", "every now and then", "12 or so"):
        made = cells(practice(), "Treatments", "directions", _always(typed))
        yield Mistake(name, written(made), reads="said", says="DIRECTIONS_UNREAD")


@kind("blank lines on top, blank columns")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for first in ((3, 0), (0, 2), (4, 3), (20, 1)):
        yield Mistake(name, written(practice(), first=first), reads="same")
    for title in ("B12 injections", "Report run 31/03/2025"):
        made = practice()
        made["Treatments"] = [[title], [], *([row[0], "", *row[1:]] for row in made["Treatments"])]
        yield Mistake(name, written(made), reads="same")


@kind("the About sheet is mistaken")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for row, cell, code, says in (
        (1, "31st of March", 4, "ABOUT_DATE_UNREADABLE"),
        (1, date(2062, 3, 31), 4, "EXTRACT_DATE_IN_FUTURE"),
        (2, date(2062, 1, 1), None, ""),
        (3, ["period_to", date(2026, 1, 1)], 4, "PERIOD_AFTER_EXTRACT"),
        (3, ["extract_date", date(2025, 2, 1)], 4, "ABOUT_TWICE"),
        (3, ["extract date of the list", date(2025, 3, 1)], 0, "ABOUT_KEY_UNKNOWN"),
    ):
        made = practice()
        if code is None:
            made["About"].append(["period_from", date(2025, 4, 30)])
            yield Mistake(name, written(made), exit_code=4, says="PERIOD_REVERSED")
            continue
        if isinstance(cell, list):
            made["About"].append(cell)
        else:
            made["About"][row][1] = cell
        yield Mistake(name, written(made), exit_code=code, says=says, reads="" if code else "same")


@kind("two rows of a patient that contradict each other")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for place, (column, cell) in enumerate(
        [("sex", "other"), ("cause", "dietary"), ("neurological_involvement", "yes"), ("year_of_birth", 1999),
         ("diagnosis_date", date(2020, 1, 1)), ("registered_from", HISTORY + timedelta(days=90))]
    ):  # fmt: skip
        made = practice()
        row = list(made["Patients"][1 + place % 2])
        row[place_of(made, "Patients", column)] = cell
        made["Patients"].append(row)
        yield Mistake(name, written(made), says="PATIENT_CONFLICT", reads="said")
