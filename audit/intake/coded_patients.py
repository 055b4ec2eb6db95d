"""What codes say of patients: cause, nerves, dates, indication and smoking, as a table of Patients.

A patient has one row; a second one only where codes give two different words for one field. The reader of patients
then finds the conflict, with the rows of both, and takes neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from audit.intake.cells import Cell, Codes, Column, Grid, Mask
from audit.intake.code_list import SAYS
from audit.intake.dates import read_dates
from audit.intake.findings import Findings
from audit.intake.ids import Ids
from audit.intake.tables import report_dates

Days = NDArray[np.datetime64]
#: What is said of each row: field of `code_list.SAYS` -> places in its vocabulary, -1 for nothing.
Said = Mapping[str, NDArray[np.int8]]

_DIAGNOSED, _HISTORY = (SAYS["deficiency"].index(word) for word in ("diagnosed", "history"))
_SURELY: Final = SAYS["cause_from"].index("deficiency")
_YES: Final = SAYS["neurological_involvement"].index("yes")
_DATES: Final = {"neurological_onset": "date", "diagnosis_date": "date"}


def coded_patients(grid: Grid, ids: Ids, said: Said, treated: Mask, findings: Findings) -> Grid | None:
    """The table of Patients that a list of coded events holds; None when it says nothing of any.

    * cause: that of the code of the deficiency; without one an operation, without one a condition, these two only of
      patients with a deficiency or with vitamin B12 treatment, because most people with coeliac disease have neither.
    * neurological involvement: yes, since the earliest code; without a code nothing is said, never no.
    * date of diagnosis: the earliest code of a deficiency; none when the record tells of an earlier one without its
      day.
    * smoking: the latest code.

    Args:
        grid: the list.
        ids: its patients.
        said: what each row says.
        treated: by patient of `ids.distinct`, whether the record shows vitamin B12 treatment.
        findings: receives the rows whose date would be needed.
    """
    days = _days(grid, said, findings)
    somebody = ~ids.missing
    deficient = treated.copy()
    deficient[ids.codes[somebody & (said["deficiency"] != -1)]] = True
    yes, onset = _earliest(ids, days, somebody & (said["neurological_involvement"] == _YES))
    facts = {
        "cause": _words(ids, said["cause"], _causes(ids, said, deficient)),
        "neurological_involvement": _words(ids, said["neurological_involvement"], yes),
        "neurological_onset": _dates(ids, days, yes & onset),
        "diagnosis_date": _dates(ids, days, _diagnosed(ids, said, days)),
        "indication": _words(ids, said["indication"], somebody & (said["indication"] != -1)),
        "smoker": _words(ids, said["smoker"], _latest(ids, days, somebody & (said["smoker"] != -1))),
    }
    return _table(grid, ids, facts)


def _days(grid: Grid, said: Said, findings: Findings) -> Days:
    dates = read_dates(grid, "date")
    dated = (said["deficiency"] != -1) | (said["neurological_involvement"] != -1)
    message = "The code has no readable date: since when the patient has had this counts as not known."
    findings.cells("warning", "CODE_UNDATED", message, (grid, "date"), dated & (dates.blank | dates.bad))
    told = replace(dates, serial=dates.serial & dated, doubtful=dates.doubtful & dated)
    report_dates(grid, "date", told, findings)
    return dates.values.astype("datetime64[D]")


# --- which rows tell


def _causes(ids: Ids, said: Said, deficient: Mask) -> Mask:
    """The rows whose cause counts: of each patient the surest kind."""
    kind = said["cause_from"]
    rows: Mask = (said["cause"] != -1) & ~ids.missing
    rows[rows] &= (kind[rows] == _SURELY) | deficient[ids.codes[rows]]
    surest = np.full(len(ids.distinct), len(SAYS["cause_from"]), np.int8)
    np.minimum.at(surest, ids.codes[rows], kind[rows])
    rows[rows] &= kind[rows] == surest[ids.codes[rows]]
    return rows


def _earliest(ids: Ids, days: Days, rows: Mask) -> tuple[Mask, Mask]:
    """Of each patient the earliest of the marked rows, undated ones before all; and the rows whose day is known."""
    places = np.flatnonzero(rows)
    undated = np.isnat(days)
    order = places[np.lexsort((days[places], ~undated[places], ids.codes[places]))]
    first = np.zeros(len(rows), np.bool_)
    first[order[np.unique(ids.codes[order], return_index=True)[1]]] = True
    return first, ~undated


def _diagnosed(ids: Ids, said: Said, days: Days) -> Mask:
    """Of each patient the row that dates the deficiency: its earliest, unless that tells of the past or has no day."""
    rows = (said["deficiency"] != -1) & ~ids.missing
    first, dated = _earliest(ids, days, rows)
    before = np.full(len(ids.distinct), np.datetime64("9999-12-31"))
    past = rows & dated & (said["deficiency"] == _HISTORY)
    np.minimum.at(before, ids.codes[past], days[past])
    first[first] &= dated[first] & (said["deficiency"][first] == _DIAGNOSED)
    first[first] &= days[first] < before[ids.codes[first]]
    return first


def _latest(ids: Ids, days: Days, rows: Mask) -> Mask:
    """Of each patient the marked rows of the latest day; undated ones only where there is no other."""
    known = np.where(np.isnat(days), np.datetime64("0001-01-01"), days)
    last = np.full(len(ids.distinct), np.datetime64("0001-01-01"))
    np.maximum.at(last, ids.codes[rows], known[rows])
    latest = rows.copy()
    latest[rows] &= known[rows] == last[ids.codes[rows]]
    return latest


# --- the table


def _words(ids: Ids, places: NDArray[np.int8], rows: Mask) -> pd.DataFrame:
    return _numbered(ids.codes[rows], places[rows].astype(np.int64), np.flatnonzero(rows))


def _dates(ids: Ids, days: Days, rows: Mask) -> pd.DataFrame:
    return _numbered(ids.codes[rows], days[rows].astype(np.int64), np.flatnonzero(rows))


def _numbered(patients: Codes, values: NDArray[np.int64], rows: NDArray[np.int64]) -> pd.DataFrame:
    """One line for each different value of a patient, by patient and its number among the patient's own."""
    frame = pd.DataFrame({"patient": patients, "value": values, "row": rows}).drop_duplicates(["patient", "value"])
    frame["number"] = frame.groupby("patient").cumcount()
    return frame.set_index(["patient", "number"])


def _table(grid: Grid, ids: Ids, facts: Mapping[str, pd.DataFrame]) -> Grid | None:
    """One row for each patient and number; it stands for the first row of the list that says any of it."""
    values = pd.concat({field: frame["value"] for field, frame in facts.items()}, axis=1)
    if values.empty:
        return None
    rows = pd.concat({field: frame["row"] for field, frame in facts.items()}, axis=1).bfill(axis=1).iloc[:, 0]
    order = np.argsort(rows.to_numpy(), kind="stable")
    patients = values.index.get_level_values("patient").to_numpy()[order]
    columns = {"patient_id": Column.of(grid.letter("patient_id"), [ids.distinct[code] for code in patients.tolist()])}
    for field in facts:
        letter = grid.letter(_DATES.get(field, "code")) or grid.letter("term")
        columns[field] = Column.of(letter, _cells(field, values[field].to_numpy(np.float64, na_value=np.nan)[order]))
    return Grid("Patients", grid.file, grid.sheet, grid.origin, grid.rows[rows.to_numpy()[order].astype(int)], columns)


def _cells(field: str, values: NDArray[np.float64]) -> list[Cell]:
    """Words, or days; blank where nothing is said."""
    blank = np.isnan(values)
    places = np.where(blank, 0, values).astype(np.int64)
    if field in _DATES:
        known: list[Cell] = places.astype("datetime64[D]").tolist()
    else:
        known = [SAYS[field][place] for place in places.tolist()]
    return ["" if nothing else cell for nothing, cell in zip(blank.tolist(), known, strict=True)]
