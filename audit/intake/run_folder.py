"""Reads back verdicts and intervals from a run's folder, checked against its manifest, for a pack to count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from audit.errors import InputRejected

if TYPE_CHECKING:
    import pandas as pd

#: what is read of each table
VERDICT_COLUMNS: Final = ("patient_id", "practice_id", "criterion", "outcome", "reason")
INTERVAL_COLUMNS: Final = ("patient_id", "practice_id", "kind", "to_date", "days")
_SUMMARY: Final = "summary.json"


@dataclass(frozen=True, slots=True)
class RunTables:
    """What one run says of its practices.

    Attributes:
        name: of the run's folder.
        period: its first and last day.
        standard: name and edition; `numbers` of it, by key.
        partial: whether something was missing from the run.
        verdicts: one row per patient and criterion; patient_id, practice_id, criterion, outcome, reason.
        intervals: one row per judged or waiting interval; patient_id, practice_id, kind, to_date, days.
    """

    name: str
    period: tuple[date, date]
    standard: tuple[str, str]
    numbers: Mapping[str, float]
    partial: bool
    verdicts: pd.DataFrame
    intervals: pd.DataFrame


def read_run_folder(folder: Path, manifest: Mapping[str, Any]) -> RunTables:
    """The tables of the run that wrote `folder`.

    Args:
        folder: of the run.
        manifest: its `run.json`.

    Raises:
        InputRejected: a file is missing, was changed, or the inputs of the run have different periods.
    """
    try:
        period, standard = _period(folder, manifest), manifest["standard"]
        numbers = {key: number["value"] for key, number in standard["numbers"].items()}
        summary = json.loads(_checked(folder, manifest, _SUMMARY))
        return RunTables(
            name=folder.resolve().name,
            period=period,
            standard=(standard["name"], standard["edition"]),
            numbers=numbers,
            partial=bool(summary["cohort"]["partial"]),
            verdicts=_table(folder, manifest, "verdicts", VERDICT_COLUMNS),
            intervals=_table(folder, manifest, "intervals", INTERVAL_COLUMNS),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _rejected(folder, "The report's folder has not the form that this version writes.", "FORM") from error


def _period(folder: Path, manifest: Mapping[str, Any]) -> tuple[date, date]:
    found = {(item["period_from"], item["period_to"]) for item in manifest["inputs"]}
    if len(found) > 1:
        raise InputRejected(
            "The practices of this report were audited over different periods.",
            where=str(folder),
            remedy="audit their files again over one period, with --from YYYY-MM-DD and --to YYYY-MM-DD",
            code="RUN_FOLDER_PERIODS",
        )
    ((first, last),) = found
    return date.fromisoformat(first), date.fromisoformat(last)


def _rejected(place: Path, what: str, code: str) -> InputRejected:
    remedy = "audit its input again: b12audit run FILE --force"
    return InputRejected(what, where=str(place), remedy=remedy, code=f"RUN_FOLDER_{code}")


def _checked(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    """The content of one file of the folder, which must be what the manifest says."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise _rejected(folder / name, "A file of the report's folder cannot be read.", "DAMAGED") from error
    if sha256(content).hexdigest() != manifest["outputs"].get(name):
        raise _rejected(folder / name, "A file of the report's folder is not as it was written.", "DAMAGED")
    return content


def _table(folder: Path, manifest: Mapping[str, Any], name: str, columns: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd  # noqa: PLC0415 - heavy imports wait

    if f"{name}.parquet" in manifest["outputs"]:
        content = _checked(folder, manifest, f"{name}.parquet")
        return pd.read_parquet(BytesIO(content), columns=list(columns))
    content = _checked(folder, manifest, f"{name}.csv")
    # only blanks are missing: a practice may be called NA
    table = pd.read_csv(
        BytesIO(content),
        usecols=list(columns),
        dtype={column: "category" for column in columns if column not in ("to_date", "days")},
        parse_dates=["to_date"] if "to_date" in columns else False,
        keep_default_na=False,
        na_values={"to_date": [""]},
    )
    return table[list(columns)]
