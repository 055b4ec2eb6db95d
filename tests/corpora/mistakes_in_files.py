"""Mistakes with files and folders: what is given, in which format, and where the report goes."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner

from audit.cli import main
from tests.corpora.other_formats import zipped
from tests.corpora.user_mistakes import INPUT, PATIENTS, Make, Mistake, Rows, kind, one_table, practice, written
from tests.intake_files import HYDROXO, write_xlsx

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def _file(name: str, content: bytes) -> Make:
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return make


def _all(*makes: Make) -> Make:
    def make(folder: Path) -> None:
        for one in makes:
            one(folder)

    return make


def _workbook() -> bytes:
    out = BytesIO()
    write_xlsx(out, practice())  # type: ignore[arg-type]  # the writer takes open files too
    return out.getvalue()


def text_of(rows: Rows, delimiter: str = ",", number: Callable[[Any], str] = str) -> str:
    """Rows as csv, days as ISO."""
    out = StringIO()
    shown = [[number(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    csv.writer(out, delimiter=delimiter).writerows(shown)
    return out.getvalue()


def _folder(encoding: str = "utf-8", delimiter: str = ",") -> dict[str, bytes]:
    return {f"{name}.csv": text_of(rows, delimiter).encode(encoding) for name, rows in practice().items()}


def _audited(folder: Path) -> None:
    written(practice())(folder)
    assert CliRunner().invoke(main, ["run", str(folder / INPUT), "--out", str(folder / "out")]).exit_code == 0


@kind("the workbook is open in Excel")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for ending in (".xlsx", ".xlsm", ".xls"):
        file = f"~$records{ending}"
        yield Mistake(name, _file(file, b"\x06Quilla"), argv=("run", file), exit_code=4, says="OWNER_FILE")
    for file in (INPUT, "b12 list.xlsx", "records.xlsm"):
        make = _all(written(practice(), file), _file(f"~${file}", b"\x06Quilla"))
        yield Mistake(name, make, argv=("run", file), says="INPUT_OPEN", reads="same")


@kind("the file cannot be opened")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    why = {13: "denied", 1: "not permitted", 5: "I/O error", 26: "busy", 116: "stale handle", 110: "timed out"}
    for error in (OSError(number, text) for number, text in why.items()):

        def patch(monkeypatch: pytest.MonkeyPatch, folder: Path, error: OSError = error) -> None:
            def fail(_: Path) -> bytes:
                raise error

            monkeypatch.setattr(Path, "read_bytes", fail)

        yield Mistake(name, written(practice()), exit_code=4, says="CANNOT_OPEN", patch=patch)


@kind("protected with a password")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    package = "EncryptedPackage".encode("utf-16-le")
    for ending in ("xlsx", "xlsm", "xls", "xlsb"):
        content = _OLE + bytes(1016) + package + bytes(64) + rng.randbytes(3_000)
        file = f"records.{ending}"
        yield Mistake(name, _file(file, content), argv=("run", file), exit_code=4, says="PASSWORD_PROTECTED")
    for flag in (1, 2):
        yield Mistake(
            name,
            _file("records.zip", _locked(flag)),
            argv=("run", "records.zip"),
            exit_code=4,
            says="PASSWORD_PROTECTED",
        )


def _locked(parts: int) -> bytes:
    """A zip in which the first parts are marked as encrypted."""
    content = bytearray(zipped(_folder()))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = -1
        for _ in range(parts):
            place = content.index(sign, place + 1)
            content[place + at] |= 1
    return bytes(content)


@kind("as many rows as Excel can hold")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for variant in range(6):
        file = f"list{variant}.csv"
        yield Mistake(name, _brim_full(file, variant), argv=("run", file), exit_code=11, says="ROWS_AT_LIMIT")


def _brim_full(file: str, variant: int) -> Make:
    """Written out when it is asked for: it is large."""

    def make(folder: Path) -> None:
        rows: Rows = [["patient_id", "date", "drug", "event"]]
        days = [(date(2023, 1, 1) + timedelta(days=day - variant)).isoformat() for day in range(700)]
        rows += [[f"QX7Z-{row % 97}", days[row % 700], HYDROXO, "given"] for row in range(65_535)]
        _file(file, text_of(rows).encode())(folder)

    return make


_HTML = "<html><body><table><tr><td>patient_id</td><td>date</td></tr></table></body></html>"
_XML = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook></Workbook>'


@kind("something else with the name of a workbook")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for file, content, code, says in (
        ("records.xlsx", _HTML.encode(), 4, "HTML_NOT_WORKBOOK"),
        ("records.xls", b"MIME-Version: 1.0\nX-Document-Type: Workbook\n", 4, "HTML_NOT_WORKBOOK"),
        ("records.xls", _XML.encode(), 4, "XML_NOT_WORKBOOK"),
        ("records.xlsx", b"Dear all\nplease find the list attached\n", 4, "TEXT_NOT_WORKBOOK"),
        ("records.xlsx", text_of(one_table(practice())).encode(), 0, "WRONG_ENDING"),
        ("records.xlsx", zipped({"letter.docx": b"PK no workbook"}), 4, "NOT_A_WORKBOOK"),
    ):
        reads = "said" if code == 0 else ""
        yield Mistake(name, _file(file, content), argv=("run", file), exit_code=code, says=says, reads=reads)


@kind("archives in archives, and workbooks named .zip")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    tables = zipped(_folder())
    for content, code, says in (
        (_workbook(), 0, "WRONG_ENDING"),
        (tables, 0, ""),
        (zipped({f"export/{file}": part for file, part in _folder().items()}), 0, ""),
        (zipped({"inner.zip": tables}), 4, "NOTHING_READABLE"),
        (zipped({"records.xlsx": _workbook()}), 4, "NOTHING_READABLE"),
        (zipped({"readme.pdf": b"%PDF"}), 4, "NOTHING_READABLE"),
    ):
        yield Mistake(
            name,
            _file("records.zip", content),
            argv=("run", "records.zip"),
            exit_code=code,
            says=says,
            reads="" if code else "same",
        )


@kind("damaged or half copied")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    whole = _workbook()
    for share in (0.3, 0.6, 0.95):
        cut = whole[: int(len(whole) * share)]
        yield Mistake(name, _file(INPUT, cut), exit_code=11, says="FILE_INCOMPLETE")
    spoilt = whole[:2_000] + bytes(300) + whole[2_300:]
    yield Mistake(name, _file(INPUT, spoilt), exit_code=4, says="DAMAGED_FILE")
    yield Mistake(name, _file(INPUT, b""), exit_code=4, says="EMPTY_FILE")
    half = text_of(one_table(practice())).encode()
    half = half[: half.rindex(b"every")]
    yield Mistake(name, _file("list.csv", half), argv=("run", "list.csv"), exit_code=11, says="FILE_INCOMPLETE")


@kind("audited already")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    usual = ("run", INPUT, "--out", "out")
    for more in ((), ("--force",), ("--quiet",), ("--json",), ("--force", "--quiet"), ("--format", "csv")):
        yield Mistake(name, _audited, argv=(*usual, *more), reads="same")


@kind("the report cannot go there")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    usual = ("run", INPUT, "--out", "out")
    sound = written(practice())
    for beside in (_file("out", b"a letter"), _file("out/letter.txt", b"mine"), _file("out/run.txt", b"")):
        yield Mistake(name, _all(sound, beside), argv=usual, exit_code=7, says="CANNOT_WRITE", then="add", reads="same")
    default = _file("records-b12audit-2025-03-31", b"a file of that name")
    yield Mistake(name, _all(sound, default), exit_code=7, says="CANNOT_WRITE", then="add", reads="same")
    for error in (PermissionError(13, "Permission denied"), OSError(28, "No space left on device")):

        def patch(monkeypatch: pytest.MonkeyPatch, folder: Path, error: OSError = error) -> None:
            def fail(*_: object, **__: object) -> str:
                raise error

            monkeypatch.setattr("audit.render.workshop.tempfile.mkdtemp", fail)

        yield Mistake(name, sound, argv=usual, exit_code=7, says="CANNOT_WRITE", patch=patch)


@kind("a patient or practice in two files")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for variant in range(4):
        second = practice()
        kept = PATIENTS[variant * 2 : variant * 2 + 2]
        for sheet in ("Patients", "Treatments", "Tests", "Reviews"):
            second[sheet] = [second[sheet][0], *(row for row in second[sheet][1:] if row[0] in kept)]
        make = _all(written(practice(), "one.xlsx"), written(second, "two.xlsx"))
        yield Mistake(name, make, argv=("run", "one.xlsx", "two.xlsx"), exit_code=4, says="PATIENT_IN_TWO_FILES")
    twice = _all(written(practice(), "a/records.xlsx"), written(practice(), "b/records.xlsx"))
    make = _all(_file("a/x", b""), _file("b/x", b""), twice)
    both = ("a/records.xlsx", "b/records.xlsx")
    yield Mistake(name, make, argv=("run", *both), exit_code=4, says="PATIENT_IN_TWO_FILES")
    # the same file named twice is one file
    yield Mistake(name, written(practice()), argv=("run", INPUT, f"./{INPUT}"), reads="same")


@kind("the wrong folder or name")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    sound = written(practice())
    yield Mistake(name, lambda folder: (folder / "empty").mkdir(), argv=("run", "empty"), exit_code=4,
                  says="NOTHING_READABLE")  # fmt: skip
    yield Mistake(name, _file("scans/p.jpg", b"\xff\xd8"), argv=("run", "scans"), exit_code=4, says="NOTHING_READABLE")
    for typed in ("recrods.xlsx", "records", "records.csv"):
        yield Mistake(name, sound, argv=("run", typed), exit_code=4, says="NO_SUCH_FILE", then="meant", reads="same")
    yield Mistake(name, _file("list.pdf", b"%PDF-1.7"), argv=("run", "list.pdf"), exit_code=4, says="FORMAT_NOT_READ")


@kind("names with spaces, signs and other alphabets")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    odd = ("b12 list (final) 2", "Überweisung žluťoučký", "B12 & folate's", "long " * 35, "注射 2025", "-list")
    for file in (f"{stem}.xlsx" for stem in odd):
        typed = f"./{file}" if file.startswith("-") else file
        yield Mistake(name, written(practice(), file), argv=("run", typed), reads="same")


@kind("csv in another character set or with other delimiters")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for encoding, delimiter in (
        ("cp1252", ","),
        ("utf-16", ","),
        ("utf-8-sig", ";"),
        ("utf-8", "\t"),
        ("utf-16", "\t"),
        ("cp1252", ";"),
    ):
        files = _folder(encoding, delimiter)
        yield Mistake(name, _in_folder("W99", files), argv=("run", "W99"), reads="same")


def _in_folder(folder: str, files: Mapping[str, bytes]) -> Make:
    return _all(*(_file(f"{folder}/{name}", content) for name, content in files.items()))


@kind("an output of this tool as its input")
def _(rng: Random, name: str) -> Iterator[Mistake]:
    for command in ("run", "check"):
        yield Mistake(name, _audited, argv=(command, "out/report.xlsx"), exit_code=4, says="OWN_REPORT", then="paste")
        yield Mistake(name, _audited, argv=(command, "out"), exit_code=4, says="OWN_REPORT", then="paste")

    def moved(folder: Path) -> None:
        _audited(folder)
        shutil.move(folder / "out" / "report.xlsx", folder / "latest.xlsx")

    yield Mistake(name, moved, argv=("run", "latest.xlsx"), exit_code=4, says="OWN_REPORT")

    def with_fixes(folder: Path) -> None:
        written(practice())(folder)
        assert CliRunner().invoke(main, ["check", str(folder / INPUT)]).exit_code == 0

    # a folder is audited without the list of fixes that stands in it
    yield Mistake(name, with_fixes, argv=("run", "."), reads="same")
