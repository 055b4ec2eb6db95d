"""The sheets of `messy.xlsx`: a practice's records as they might really arrive, faults and all.

Its patients tell some of the same stories; their rows are then dirtied cell by cell, and rows that no system
should hold are put among them. FAULTS says what is wrong where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random

from sample_data import stories as tell
from sample_data.clinic import EXTRACT_DATE
from sample_data.person import HYDROXOCOBALAMIN, Cell, Person, Row, day_of
from schemas.vocabulary import INPUT_COLUMNS

FIRST_DAY = date(2023, 7, 1)
#: The day number that Excel gives to 1 January 1900, less one.
_DAY_ZERO = date(1899, 12, 30)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

TELLERS: tuple[Callable[[Person], None], ...] = (
    *(tell.twelve_weekly_on_time,) * 4,
    *(tell.three_monthly_on_time,) * 2,
    *(tell.status_unknown_twelve_weekly,) * 4,
    *(tell.nerves_held_to_three_monthly,) * 2,
    tell.nerves_two_monthly,
    tell.nerves_long_overdue,
    tell.nerves_standard_course,
    tell.missed_appointment,
    tell.starter_on_time,
    tell.starter_stopped_too_early,
    tell.district_nurse,
    tell.self_injected_under_the_skin,
    tell.issued_one_by_one,
    tell.vegan_tablets,
    tell.lost_to_follow_up,
)

FAULTS = (
    ("every sheet", "title rows above the headings, blank rows in between"),
    ("headings", "capitals, spaces and stars: `Patient ID *`, `EVENT`, ` Neurological  involvement`"),
    ("dates", "date cells, day numbers, 2024-03-12, 12/03/2024, 12-Mar-2024 and 12.03.2024 in one column"),
    ("dates that nobody can read", "31/02/2025, March 2025, ??; and a blank one"),
    ("ids", "numbers and text mixed; 00104 and 104 are two patients; blank ones"),
    ("numbers", "years of birth, quantities and test values as text; a quantity of `one`"),
    ("words", "`Given`, `DNA`, `Refused`, `Y`, `n/a`; the events `hospital` and `see notes` are unknown"),
    ("drugs", "`Hydroxycobalamin`, `Hydroxocobalamine inj`, a code; `B12 jab` cannot be read; two are not B12"),
    ("Patients", "one patient twice with different years of birth and causes; one patient missing"),
    ("Treatments", "rows twice; rows after the extract date"),
    ("Tests", "no date, no name, no value, comparators, units in the value"),
    ("Reviews", "an outcome that is not one, and a blank one"),
    ("other sheets", "`Sheet2`, which is no table of ours"),
)

_EVENT_WORDS = {
    "administered": ("administered", "Given", "ADMINISTERED", "Injection given"),
    "issued": ("issued", "Issue", "Prescription issued"),
    "not_attended": ("DNA",),
    "declined": ("Refused",),
    "self_administered": ("Self-administered", "self injected"),
    "given_elsewhere": ("given elsewhere",),
}
_NEUROLOGICAL_WORDS = {"yes": ("Y", "Yes", "TRUE"), "no": ("N", "No", "no"), "": ("", "n/a", "not known")}
_CAUSE_WORDS = {"autoimmune": ("Pernicious anaemia", "autoimmune", "PERNICIOUS ANAEMIA"), "dietary": ("Vegan diet",)}
_ROUTE_WORDS = {"intramuscular": ("IM", "intramuscular", "i/m"), "subcutaneous": ("s/c",)}
_DRUG_WORDS = {
    HYDROXOCOBALAMIN: (
        *(HYDROXOCOBALAMIN,) * 4,
        "Hydroxycobalamin 1mg/ml inj",
        "HYDROXOCOBALAMIN  1MG/1ML SOLUTION FOR INJECTION AMPOULES",
        "Hydroxocobalamine inj 1mg",
        "327531006",
    ),
}
_WORDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "event": _EVENT_WORDS,
    "neurological_involvement": _NEUROLOGICAL_WORDS,
    "cause": _CAUSE_WORDS,
    "route": _ROUTE_WORDS,
    "drug": _DRUG_WORDS,
}

_HEADINGS = {
    "Patients": ("Patient ID *", "Practice_ID", "Year of Birth", "Sex", "Indication", "CAUSE",
                 " Neurological  involvement", "neurological_onset", "Diagnosis Date", "Registered from",
                 "Registered to", "Pregnant or breastfeeding", "SMOKER"),
    "Treatments": ("PATIENT_ID", " Date ", "Drug", "EVENT", "route", "Dose", "Quantity ", "Directions"),
    "Tests": ("patient id", "DATE", "Test", "Value", "Unit"),
    "Reviews": ("Patient ID", "date", "Outcome"),
}  # fmt: skip

# Rows that no system should hold, in the order of the headings.
_EXTRA_PATIENTS = (
    ("00103", "", 1951, "F", "", "gastrectomy", "", "", "", "", "", "", ""),
    ("104", "", "1960", "M", "", "", "U", "", "", "12/05/2003", "", "", "ex-smoker"),
    ("", "", "1949", "F", "", "Pernicious anaemia", "", "", "", "", "", "", ""),
)
_EXTRA_TREATMENTS: tuple[tuple[Cell, ...], ...] = (
    (104, "14/05/2025", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("104", "06/08/2025", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("", "22/07/2025", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "1", ""),
    (" ", 45900, "Neo-Cytamen", "Given", "", "", "", ""),
    ("00101", "31/02/2025", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("00105", "March 2025", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("00107", "??", HYDROXOCOBALAMIN, "issued", "", "", "1", "3 monthly"),
    ("00108", "", HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("00109", "17/09/2025", HYDROXOCOBALAMIN, "hospital", "", "", "", ""),
    ("00102", "02-Oct-2025", HYDROXOCOBALAMIN, "see notes", "", "", "", "see notes"),
    ("00111", "09/06/2025", "B12 jab", "Given", "IM", "", "", ""),
    ("00112", "2025-06-11", "Paracetamol 500mg tablets", "issued", "oral", "", "100", "Two four times a day"),
    ("00115", "2025-06-12", "Influenza vaccine (split virion)", "Given", "IM", "", "1", ""),
    ("00121", "13/08/2025", HYDROXOCOBALAMIN, "issued", "", "", "one", "1 amp every 3/12 by nurse"),
    ("00199", "20/10/2025", "Cobalin-H", "Given", "IM", "1 amp", "", ""),
    ("00110", date(2026, 4, 14), HYDROXOCOBALAMIN, "Given", "IM", "1mg", "", ""),
    ("00116", "21/05/2026", HYDROXOCOBALAMIN, "issued", "", "", "1", "Inject ONE ampoule every 12 weeks"),
)
_EXTRA_TESTS: tuple[tuple[Cell, ...], ...] = (
    ("00102", "", "ferritin", "48", "ug/L"),
    ("00106", "11/09/2025", "", "4.1", ""),
    ("00110", "12-Sep-2025", "Hb", "", "g/L"),
    ("00113", "2025-10-02", "Serum B12", ">= 1000 ng/L", ""),
    ("00114", 45946, "Hb", "12.4", "g/dL"),
    ("00118", "08/10/2025", "Vitamin D", "52", "nmol/L"),
)
_EXTRA_REVIEWS: tuple[tuple[Cell, ...], ...] = (
    ("00115", "03/11/2025", "seen"),
    ("00117", "2025-11-05", ""),
    ("00114", "06-Nov-2025", "Plateau"),
)
_EXTRA = {
    "Patients": _EXTRA_PATIENTS,
    "Treatments": _EXTRA_TREATMENTS,
    "Tests": _EXTRA_TESTS,
    "Reviews": _EXTRA_REVIEWS,
}
_TITLES = {
    "Patients": (("B12 injection audit: patient list",), ("Printed 01/04/2026",), ()),
    "Treatments": (("B12 injection audit",), ("All issues and injections", "", "", "Draft"), (), ()),
    "Tests": (("Bloods",), ()),
    "Reviews": (("Reviews (template B12)",), ()),
}
#: Every so many rows a row stands twice, or a blank one comes between.
_TWICE, _BLANK = 47, 31


def people() -> list[Person]:
    """The patients before anything is dirtied, by id."""
    out = [Person(f"{number:05d}", f"messy {number}") for number in range(101, 101 + len(TELLERS))]
    for person, story in zip(out, TELLERS, strict=True):
        story(person)
    return out


def sheets() -> dict[str, Sequence[Sequence[Cell]]]:
    """The sheets, titles and all."""
    known = people()
    patients: list[Row] = [{"patient_id": person.patient_id, **person.fields} for person in known]
    tables = {
        "Patients": patients,
        "Treatments": _dated(known, "treatments"),
        "Tests": _dated(known, "tests"),
        "Reviews": _dated(known, "reviews"),
    }
    about = (("About this extract",), (), ("Practice ID", "W90002"), ("Extract date", "31/03/2026"))
    sheet2 = (("Row Labels", "Count"), ("Hydroxocobalamin", 211), ("Grand Total", 211))
    return {"About": about, "Sheet2": sheet2} | {name: _sheet(name, rows) for name, rows in tables.items()}


def _dated(known: Iterable[Person], sheet: str) -> list[Row]:
    rows: list[Row] = []
    for person in known:
        rows += [{"patient_id": person.patient_id, **row} for row in getattr(person, sheet)]
    # as a search prints them: by date, patients mixed
    kept = [row for row in rows if FIRST_DAY <= day_of(row) <= EXTRACT_DATE]
    return sorted(kept, key=day_of)


def _sheet(name: str, rows: Iterable[Row]) -> list[Sequence[Cell]]:
    chance = Random(f"messy {name}")
    clean = [[dirty(field, row.get(field, ""), chance) for field in INPUT_COLUMNS[name]] for row in rows]
    body: list[Sequence[Cell]] = [*_TITLES[name], _HEADINGS[name]]
    return body + list(_spoilt(clean, _EXTRA[name]))


def _spoilt(rows: Sequence[Sequence[Cell]], extra: Sequence[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    """The rows with the extra ones spread among them, some twice, and blank ones in between."""
    every = max(1, len(rows) // len(extra))
    waiting = iter(extra)
    for number, row in enumerate(rows, 1):
        yield row
        if number % every == 0:
            yield from [one for one in [next(waiting, None)] if one is not None]
        if number % _TWICE == 0:
            yield row
        if number % _BLANK == 0:
            yield ()
    yield from waiting


def dirty(field: str, cell: Cell, chance: Random) -> Cell:
    """A cell as somebody might have typed it."""
    if isinstance(cell, date):
        return chance.choice(_typed_dates(cell))
    if isinstance(cell, int | float):
        return chance.choice((cell, str(cell)))
    words = _WORDS.get(field, {})
    return chance.choice(words.get(cell, (cell,)))


def _typed_dates(day: date) -> Sequence[Cell]:
    return (
        day,
        day.strftime("%d/%m/%Y"),
        (day - _DAY_ZERO) // timedelta(days=1),
        day.isoformat(),
        f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}",
        day.strftime("%d.%m.%Y"),
    )
