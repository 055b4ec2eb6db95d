"""Reads resources out of NDJSON files, or out of a Bundle in one JSON file; and the manifest of a bulk export.

Plain `json`, a line at a time, and no model of FHIR. Measured by `benchmarks/bench_fhir.py` on 50,000 prescriptions of
1 KB, processor seconds: `json` 0.3, keeping nothing of a line once it is read; `pyarrow.json` 0.2 to parse, but 1.2
until a resource can be looked at, and it refuses a file in which one element has two shapes, without saying in which
line; `fhir.resources` 6.7, and it refuses whole resources of STU3 that have here the same shape. A line that is no
JSON can be named only where lines are parsed one by one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from audit.errors import AuditError, InputIncomplete, InputRejected
from audit.intake.fhir.elements import Element, Names, day_of, number, part, parts, word
from audit.intake.file_kind import kind_of
from audit.intake.zip_parts import MOST_IN_A_PART

LINES: Final = ".ndjson"
#: The endings of files that hold resources.
FHIR: Final = (LINES, ".json")
#: More than any practice's record has.
MOST_LINES: Final = 20_000_000
_EXPORT_AGAIN: Final = "Export it again as FHIR R4 bulk NDJSON: one resource a line, UTF-8."
_NAME_BUNDLE: Final = "Export it again; if the file is a single JSON Bundle over many lines, name it .json."


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, the file's name, and its line (of a Bundle the number of its entry), from 1."""

    file: str
    line: int
    element: Element

    @property
    def kind(self) -> str:
        """Patient, Condition and so on."""
        return word(self.element, "resourceType")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest or a Bundle says of the whole export.

    Attributes:
        extract_date: the day on which the data were taken; blank when not said.
        counts: type of resource -> how many lines the files of the export have; empty when not said.
        since: only what changed since some day was exported.
    """

    extract_date: str = ""
    counts: Mapping[str, int] | None = None
    since: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """The files of one export: those with resources, what a Bundle calls its entries, and what is said of the whole."""

    lines: Mapping[str, bytes]
    entries: Mapping[str, list[Element]]
    names: Names
    manifest: Manifest

    def resources(self) -> Iterator[Resource]:
        """Every resource, file by file; those of NDJSON are parsed as they are asked for.

        Raises:
            InputRejected: a line is no resource.
            InputIncomplete: the last line breaks off.
        """
        for file, content in self.lines.items():
            yield from _of_lines(file, content)
        for file, entries in self.entries.items():
            yield from (Resource(file, number_, part(entry, "resource")) for number_, entry in enumerate(entries, 1))


def open_export(contents: Mapping[str, bytes]) -> Export:
    """Look at the files of an export.

    Args:
        contents: name -> bytes, of files that end as `FHIR` says.

    Raises:
        InputRejected: a file is too large, empty or no text, or a .json file is neither a Bundle nor a manifest.
    """
    lines, entries, manifest = {}, {}, Manifest()
    for file, content in contents.items():
        _check(file, content)
        if file.lower().endswith(LINES):
            lines[file] = content
            continue
        said = _json(content, file, "")
        if "transactionTime" in said:
            manifest = _manifest(said)
        else:
            entries[file] = _entries(said, file)
            manifest = _stamped(said, manifest)
    return Export(lines, entries, _names(entries), manifest)


def is_manifest(content: bytes) -> bool:
    """Whether a .json file is something of FHIR that stands beside NDJSON: a manifest, or a Bundle."""
    head = content[:4096]
    return b'"transactionTime"' in head or (b'"resourceType"' in head and b'"Bundle"' in head)


def check_counts(export: Export, read: Counter[str], file: str) -> None:
    """Compare what was read with what the manifest says was exported.

    Raises:
        InputIncomplete: resources are missing.
    """
    for kind, count in (export.manifest.counts or {}).items():
        if read[kind] < count:
            raise InputIncomplete(
                f"The manifest of the export names {count:,} lines of {kind}, and only {read[kind]:,} are here.",
                where=file,
                remedy="Copy every file of the export into the folder, or export it again.",
                code="FILE_INCOMPLETE",
            )


# --- files


def _check(file: str, content: bytes) -> None:
    kind = kind_of(content)
    if len(content) > MOST_IN_A_PART:
        raise InputRejected(
            "The file is larger than can be read.",
            where=file,
            remedy="Export vitamin B12, folic acid and blood tests only, or fewer years.",
            code="FILE_TOO_LARGE",
        )
    # a bulk export has an empty file of a type of which there is nothing
    if kind not in ("text", "empty") or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputRejected("The file is no UTF-8 text.", where=file, remedy=_EXPORT_AGAIN, code="NOT_TEXT")


def _of_lines(file: str, content: bytes) -> Iterator[Resource]:
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(lines) > MOST_LINES:
        what = "The file has more lines than can be read."
        raise InputRejected(what, where=file, remedy=_EXPORT_AGAIN, code="TOO_MANY_ROWS")
    for number_, line in enumerate(lines, 1):
        if line.strip():
            where = f"{file}, line {number_:,}"
            # only the last one has no end
            said = _last(line, where) if number_ == len(lines) and number_ > 1 else _json(line, file, where)
            if not word(said, "resourceType"):
                what = "The line is JSON but no FHIR resource: it has no resourceType."
                raise InputRejected(what, where=where, remedy=_EXPORT_AGAIN, code="NOT_FHIR")
            yield Resource(file, number_, said)


def _last(line: bytes, where: str) -> Element:
    try:
        return _json(line, "", where)
    except AuditError as error:
        raise InputIncomplete(
            "The file breaks off in the middle of its last line: it may still be copied, or its copy was broken off.",
            where=where,
            remedy="Copy or export it again.",
            code="FILE_INCOMPLETE",
        ) from error


def _json(content: bytes, file: str, where: str) -> Element:
    """One JSON object; what is wrong with it is never told in its own words, which may be a patient's."""
    try:
        said = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    what = "The line is no JSON object." if where else "The file is no JSON object."
    raise InputRejected(what, where=where or file, remedy=_NAME_BUNDLE if where else _EXPORT_AGAIN, code="NOT_JSON")


def _no_number(said: str) -> NoReturn:
    raise ValueError(said)


# --- Bundles and manifests


def _entries(said: Element, file: str) -> list[Element]:
    if word(said, "resourceType") != "Bundle":
        raise InputRejected(
            "The JSON file is neither a Bundle nor the manifest of a bulk export.",
            where=file,
            remedy="Name files with one resource a line .ndjson, and leave other files out.",
            code="NOT_FHIR",
        )
    if any(word(link, "relation") == "next" for link in parts(said, "link")):
        raise InputRejected(
            "The Bundle is one page of several, and the others are not here.",
            where=file,
            remedy="Export it as bulk NDJSON ($export), or as one Bundle without pages.",
            code="BUNDLE_PAGED",
        )
    return parts(said, "entry")


def _stamped(said: Element, manifest: Manifest) -> Manifest:
    """The day on which a Bundle was put together stands for the extract date where no manifest says one."""
    day = day_of(word(said, "timestamp"))
    return manifest if manifest.extract_date or not day else Manifest(extract_date=day)


def _manifest(said: Element) -> Manifest:
    output, counts = parts(said, "output"), Counter[str]()
    for item in output:
        count: Any = number(item, "count")
        counts[word(item, "type")] += int(count or 0)
    told = {kind: count for kind, count in counts.items() if kind and count}
    return Manifest(day_of(word(said, "transactionTime")), told, "_since=" in word(said, "request"))


def _names(entries: Mapping[str, list[Element]]) -> Names:
    every = [entry for listed in entries.values() for entry in listed]
    return Names({word(entry, "fullUrl"): word(part(entry, "resource"), "id") for entry in every})
