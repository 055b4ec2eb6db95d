"""Reads back what a run kept of its input: the canonical tables in its archive, checked against its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from audit.errors import InputRejected
from audit.intake.extract import About, Extract, Facts, Finding, SheetFacts

if TYPE_CHECKING:
    import pandas as pd

#: The folder inside a run's folder, and in it one folder for each input: 1, 2, ...
ARCHIVE: Final = "archive"
FACTS: Final = "facts.json"
#: Table of `schemas.canonical` by the field of `Extract` that holds it; its file is named after the field.
TABLES: Final = {"patients": "Patients", "treatments": "Treatments", "tests": "Tests", "reviews": "Reviews"}
#: Raised when the tables or facts get another form.
FORM: Final = 1
_SUMMARY: Final = "summary.json"
_TEXTS: Final = ("practice_id", "source_system")
_DATES: Final = ("extract_date", "history_start", "period_from", "period_to")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a run's report said of itself.

    Attributes:
        numbers: of its standard, by key; a list of numbers as a list.
        printed: met and eligible of each criterion.
        partial: what was missing from the report; blank when it was whole.
        hash: of all that a later comparison takes from the folder.
    """

    version: str
    standard: str
    title: str
    edition: str
    file: str
    numbers: Mapping[str, object]
    printed: Mapping[str, tuple[int, int]]
    partial: str
    hash: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """One audit cycle as it is read back: its extracts, each with the dates it was audited by; no report of a file."""

    name: str
    extracts: tuple[Extract, ...]
    reported: Reported | None = None


def read_cycle(folder: Path, manifest: Mapping[str, Any]) -> Cycle:
    """The cycle that a run's folder holds.

    Args:
        folder: of the run.
        manifest: its `run.json`.

    Raises:
        InputRejected: it keeps no archive, or one that is damaged or of another form.
    """
    extracts = read_archive(folder, manifest)
    summary = json.loads(_checked(folder, manifest, _SUMMARY))
    try:
        dated = [_dated(extract, item) for extract, item in zip(extracts, manifest["inputs"], strict=True)]
        return Cycle(folder.resolve().name, tuple(dated), _reported(manifest, summary))
    except (KeyError, TypeError, ValueError) as error:
        raise _rejected(folder, "The report's folder has not the form that this version writes.", "FORM") from error


def read_archive(folder: Path, manifest: Mapping[str, Any]) -> tuple[Extract, ...]:
    """The extracts in the archive, equal to those that were read from the inputs, in their order.

    Raises:
        InputRejected: as for `read_cycle`.
    """
    names = {PurePosixPath(name).parts[1] for name in _outputs(manifest) if name.startswith(f"{ARCHIVE}/")}
    if not names:
        raise _rejected(folder, "The report's folder keeps no archive of what was read.", "MISSING")
    try:
        return tuple(_extract(folder, manifest, number) for number in range(1, len(names) + 1))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise _rejected(folder, "The archive has not the form that this version writes.", "FORM") from error


def _outputs(manifest: Mapping[str, Any]) -> Mapping[str, str]:
    outputs = manifest.get("outputs")
    return outputs if isinstance(outputs, dict) else {}


def _rejected(folder: Path, what: str, code: str) -> InputRejected:
    remedy = "name the input file of that audit in place of the folder, or audit it again: b12audit run FILE --force"
    return InputRejected(what, where=str(folder), remedy=remedy, code=f"ARCHIVE_{code}")


def _checked(folder: Path, manifest: Mapping[str, Any], name: str) -> bytes:
    """The content of one file of the folder, which must be what the manifest says."""
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise _rejected(folder / name, "A file of the report's folder cannot be read.", "DAMAGED") from error
    if sha256(content).hexdigest() != _outputs(manifest).get(name):
        raise _rejected(folder / name, "A file of the report's folder is not as it was written.", "DAMAGED")
    return content


def _extract(folder: Path, manifest: Mapping[str, Any], number: int) -> Extract:
    place = f"{ARCHIVE}/{number}"
    said = json.loads(_checked(folder, manifest, f"{place}/{FACTS}"))
    if said["form"] != FORM:
        raise ValueError(f"form {said['form']}")
    facts = _facts(said["facts"])
    tables = {
        field: _table(
            _checked(folder, manifest, f"{place}/{field}.parquet"),
            table,
            [sheet.label or sheet.sheet for sheet in facts.sheets if sheet.table == table],
        )
        for field, table in TABLES.items()
    }
    findings = tuple(Finding(**finding) for finding in said["findings"])
    return Extract(_about(said["about"]), facts, **tables, findings=findings)


def _about(said: Mapping[str, Any]) -> About:
    days = [_day(said[name]) for name in _DATES]
    return About(said["practice_id"], days[0], days[1], days[2], days[3], said["source_system"])


def _facts(said: Mapping[str, Any]) -> Facts:
    days = {name: _day(said[name]) for name in ("first_treatment", "last_treatment", "last_entry")}
    sheets = tuple(SheetFacts(**sheet) for sheet in said["sheets"])
    return Facts(**{**said, **days, "sheets": sheets, "ignored_sheets": tuple(said["ignored_sheets"])})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _table(content: bytes, name: str, sheets: Sequence[str]) -> pd.DataFrame:
    """A canonical table with the kinds of its contract, which Parquet keeps but for dates and lists of words.

    `sheets` are those of the table; rows of lists of codes name others.
    """
    import pandas as pd  # noqa: PLC0415 - heavy imports wait

    from schemas import canonical  # noqa: PLC0415 - imports pandera

    frame = pd.read_parquet(BytesIO(content))
    schema = canonical.TABLES[name]
    if list(frame) != list(schema.columns):
        raise ValueError(f"columns of {name}")
    kinds: dict[str, Any] = {}
    for column, contract in schema.columns.items():
        kind = getattr(contract.dtype, "type", None)
        if isinstance(kind, pd.CategoricalDtype):
            # only the column of sheets has no words of its own
            named = dict.fromkeys([*sheets, *frame[column].astype(str)]) if column == "sheet" else {}
            words = (list(named) or [""]) if column == "sheet" else list(kind.categories)
            kinds[column] = pd.CategoricalDtype(pd.Index(words, dtype="str"))
        elif pd.api.types.is_datetime64_any_dtype(frame[column]):
            kinds[column] = "datetime64[s]"
    return frame.astype(kinds)


def _dated(extract: Extract, said: Mapping[str, str]) -> Extract:
    """The extract as if its About sheet stated the dates that it was audited by."""
    return replace(extract, about=_about({**said, **{name: getattr(extract.about, name) for name in _TEXTS}}))


def _reported(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> Reported:
    standard = manifest["standard"]
    return Reported(
        version=manifest["version"],
        standard=standard["name"],
        title=standard["title"],
        edition=standard["edition"],
        file=standard["files"][-1],
        numbers={key: number["value"] for key, number in standard["numbers"].items()},
        printed={item["code"]: (item["met"], item["eligible"]) for item in summary["criteria"]},
        partial=summary["cohort"]["partial"],
        hash=_hash(manifest["inputs"], _outputs(manifest)),
    )


def _hash(inputs: Sequence[Mapping[str, str]], outputs: Mapping[str, str]) -> str:
    kept = {name: value for name, value in outputs.items() if name == _SUMMARY or name.startswith(f"{ARCHIVE}/")}
    return sha256(json.dumps([list(inputs), kept], sort_keys=True).encode()).hexdigest()
