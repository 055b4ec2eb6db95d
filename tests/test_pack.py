"""The commissioner pack: counted right, made of safe types alone, released in turn, and telling nothing of anybody."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.measure import Measure
from fhir.resources.R4B.measurereport import MeasureReport

from audit import errors
from audit.cli import main
from audit.criteria import catalogue
from audit.intake.run_folder import read_run_folder
from audit.render.fhir_measures import reports
from audit.render.pack_json import pack_content
from audit.render.pack_page import Table
from audit.render.pack_sheets import pack_sheets
from audit.render.pack_view import build_pack_page
from audit.render.write_pack import Telling, sole_release, write_pack
from audit.results.disclosure import PARTS, SUPPRESSED, SafeCount
from audit.results.ledger_line import as_line, from_line
from audit.results.pack import Label, Named, SafePack, Share, assert_safe, build_pack
from audit.results.pack_counts import FIELDS, PackCounts, count_run, together
from audit.results.patterns import CLASSES
from audit.results.publish import Release, publish
from audit.results.releases import KEPT, Entry, Quarter, Settled, quarter_of, settle
from audit.standards.disclosure import profiles
from tests.test_disclosure import random_rows

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STRICT = profiles()["strict"]
FIRST, SECOND = Quarter(8103, 12), Quarter(8104, 12)
CODES = tuple(item.code for item in catalogue() if item.strength != "patient_group")
ROOT = Path(__file__).resolve().parent.parent


def counts(seed: int, practices: int = 10, criteria: int = 6) -> PackCounts:
    """Practices as they are: a field that is missing leaves answers of some criteria open."""
    rng = np.random.default_rng(seed)
    rows = random_rows(rng, practices * criteria).reshape(practices, criteria, len(PARTS))
    field = rng.integers(0, len(FIELDS), criteria)
    left_open = rows[:, :, -1][:, :, None] * (field[:, None] == np.arange(len(FIELDS)))
    missing = left_open.max(axis=1) + (rng.random((practices, len(FIELDS))) < 0.2) * 3
    patients = np.maximum(rows.sum(axis=2).max(axis=1), missing.max(axis=1)) + rng.integers(0, 20, practices)
    return PackCounts(
        practices=tuple(f"W9{number:04d}" for number in range(practices)),
        partial=(False,) * practices,
        criteria=CODES[:criteria],
        rows=rows,
        classes=random_rows(rng, practices),
        missing=missing.astype(np.int64),
        patients=patients.astype(np.int64),
        injections=rng.integers(0, 400, practices),
        injected=rng.integers(0, 60, practices),
    )


def entry(found: PackCounts, quarter: Quarter = FIRST, profile: str = "strict") -> Entry:
    return Entry(quarter, profile, "national 2026-11", found, publish(found, profiles()[profile]))


def settled(found: PackCounts, ledger: list[Entry], quarter: Quarter, *, new_cohort: bool = False) -> Settled:
    return settle(entry(found, quarter), ledger, STRICT, new_cohort=new_cohort)


def made(found: PackCounts, release: Release | None = None, before: Release | None = None) -> SafePack:
    by_code = {item.code: item for item in catalogue()}
    named = Named(
        FIRST.label,
        SECOND.label,
        "national 2026-11",
        "strict",
        [by_code[code].title for code in found.criteria],
        [by_code[code].strength for code in found.criteria],
    )
    return build_pack(found, release or publish(found, STRICT), named, before)


def telling(found: PackCounts) -> Telling:
    return Telling(STRICT, {code: ("who", "when") for code in found.criteria})


# Counting


def test_the_counts_are_those_of_the_run(audited_once: Path) -> None:
    manifest = json.loads((audited_once / "run.json").read_text())
    run = read_run_folder(audited_once, manifest)
    found = count_run(run.verdicts, run.intervals, run.period, run.numbers, run.partial)
    summary = json.loads((audited_once / "summary.json").read_text())
    told = {item["code"]: [item[part] for part in PARTS] for item in summary["criteria"]}
    assert found.practices == ("W90001",)
    assert {code: found.rows[0, at].tolist() for at, code in enumerate(found.criteria)} == told
    assert found.classes[0].tolist() == classes_by_hand(audited_once, run.period)
    wider = [sum(summary["patterns"][name].values()) for name in CLASSES]
    assert (found.classes[0] <= wider).all(), "the report also counts those whose intervals enter no verdict"
    neuro = run.verdicts[run.verdicts["reason"] == "NEURO_UNKNOWN"]
    assert found.missing[0, FIELDS.index("neurological_involvement")] == neuro["patient_id"].nunique() > 0
    kept = run.verdicts[run.verdicts["outcome"] != "excluded"]["patient_id"].nunique()
    assert found.patients.tolist() == [kept]
    given = given_by_hand(audited_once, run.period)
    assert (found.injections.tolist(), found.injected.tolist()) == ([len(given)], [len(set(given))])
    assert len(given) > len(set(given)) > 0


def given_by_hand(folder: Path, period: tuple[date, date]) -> list[str]:
    """The patient of each injection of the period that ended an interval."""
    with (folder / "intervals.csv").open(encoding="utf-8") as file:
        ended = [(row["patient_id"], row["to_date"]) for row in csv.DictReader(file) if row["to_date"]]
    return [patient for patient, day in ended if period[0] <= date.fromisoformat(day) <= period[1]]


def classes_by_hand(folder: Path, period: tuple[date, date]) -> list[int]:
    """Patients by the median of their closed maintenance intervals, by the days of the standard's section 5."""
    days: dict[str, list[int]] = {}
    with (folder / "intervals.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ends = row["to_date"] and period[0] <= date.fromisoformat(row["to_date"]) <= period[1]
            if row["kind"] == "maintenance" and ends:
                days.setdefault(row["patient_id"], []).append(int(row["days"]))
    middles = [median(gaps) for gaps in days.values()]
    edges = ((0, 49), (49, 71), (71, 106.5), (106.5, 1e6))
    return [sum(low <= middle < high for middle in middles) for low, high in edges]


def test_practices_of_several_runs_stand_by_name() -> None:
    found = counts(1)
    one, other = (
        replace(found, **{field.name: getattr(found, field.name)[part] for field in fields(found)
                          if field.name != "criteria"})
        for part in (slice(5, None), slice(None, 5))
    )  # fmt: skip
    joined = together([one, other])
    for field in fields(found):
        assert np.array_equal(getattr(joined, field.name), getattr(found, field.name)), field.name


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        (date(2025, 4, 1), date(2026, 3, 31), "12 months to 2025/26 Q4"),
        (date(2024, 7, 1), date(2025, 6, 30), "12 months to 2025/26 Q1"),
        (date(2099, 10, 1), date(2099, 12, 31), "3 months to 2099/00 Q3"),
    ],
)
def test_a_period_is_told_by_its_quarter(first: date, last: date, label: str) -> None:
    assert quarter_of((first, last)).label == label


# Nothing but safe types


@pytest.mark.parametrize(
    "item",
    [3, 5, 0.5, "text", date(2026, 1, 1), pd.DataFrame({"a": [1]}), [Label("a")], {"a": SUPPRESSED}, np.int64(5), True],
)
def test_what_is_not_safe_reaches_no_renderer(item: Any, tmp_path: Path) -> None:
    found = counts(2)
    pack = made(found)
    unsafe = replace(pack, practices=(replace(pack.practices[0], patients=item), *pack.practices[1:]))
    with pytest.raises(TypeError, match="cannot be published"):
        build_pack_page(unsafe, STRICT, version="1")
    with pytest.raises(TypeError, match="cannot be published"):
        pack_content(unsafe)
    with pytest.raises(TypeError, match="cannot be published"):
        list(reports(unsafe))
    with pytest.raises(TypeError, match="cannot be published"):
        write_pack(unsafe, tmp_path / "pack", telling(found))
    assert not (tmp_path / "pack").exists()


def test_a_count_that_went_round_its_constructor_is_refused() -> None:
    forged = SafeCount(5)
    object.__setattr__(forged, "value", 3)
    with pytest.raises(ValueError, match="rounded"):
        assert_safe((Share(forged, SafeCount(20)),))


def test_a_look_alike_is_refused() -> None:
    class Looser(SafeCount):
        pass

    with pytest.raises(TypeError, match="Looser"):
        assert_safe((Looser(5),))


@pytest.mark.parametrize(
    "text", ["2026-03-31", "seen on 31/03/2026", "6 August 2018", "943 476 5919", "9434765919", "x" * 201]
)
def test_a_label_holds_no_day_and_no_long_number(text: str) -> None:
    with pytest.raises(ValueError, match="label"):
        Label(text)


@pytest.mark.slow
def test_the_type_checker_refuses_what_is_not_safe(tmp_path: Path) -> None:
    snippet = tmp_path / "snippet.py"
    snippet.write_text(
        "import pandas as pd\nfrom audit.render.pack_view import build_pack_page\n"
        "from audit.results.pack import SafeRow, Label\nfrom audit.standards.disclosure import profiles\n"
        "build_pack_page(pd.DataFrame(), profiles()['strict'], version='1')\nSafeRow(Label('a'), 1, 2, 3, 4, 5)\n"
    )
    command = [sys.executable, "-m", "mypy", "--follow-imports=silent", str(snippet)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert len(re.findall(r"snippet\.py:5: error", done.stdout)) == 1
    assert len(re.findall(r"snippet\.py:6: error", done.stdout)) == len(PARTS) + 1


# What is told


def numbers(content: Any, key: str = "") -> list[int]:
    """Every count in pack.json."""
    if isinstance(content, dict):
        return [number for name, item in content.items() for number in numbers(item, name)]
    if isinstance(content, list):
        return [number for item in content for number in numbers(item, key)]
    return [content] if isinstance(content, int) else []


def cells(table: Table, columns: slice) -> list[str]:
    return [cell for row in table.rows for cell in row[columns]]


def test_every_number_that_leaves_is_rounded() -> None:
    for seed in range(4):
        pack = made(counts(seed), before=publish(counts(seed + 100), STRICT))
        told = numbers(pack_content(pack))
        assert told
        assert [number for number in told if number % 5 or 0 < number < 10] == []
        page = build_pack_page(pack, STRICT, version="1")
        words = [cell for part in page.tables for cell in cells(part.table, slice(1, 6))]
        words += [cell for part in (page.mix, page.workload) for cell in cells(part.table, slice(1, None))]
        assert {word for word in words if word != "suppressed" and int(word.replace(",", "")) % 5} == set()
        assert "suppressed" in words


def test_a_suppressed_count_is_null_and_never_zero() -> None:
    found = counts(3)
    release = publish(found, STRICT)
    pack = made(found, release)
    told = [row["met"] for item in pack_content(pack)["criteria"] for row in item["practices"]]
    pairs = list(zip(told, found.rows[:, :, 0].T.ravel().tolist(), strict=True))
    small = [value for value, exact in pairs if 0 < exact <= STRICT.largest_small]
    assert small
    assert set(small) == {None}
    assert [exact for value, exact in pairs if value == 0 and exact] == []


def test_what_all_say_together_is_the_sum_of_what_is_shown() -> None:
    for item in made(counts(4)).criteria:
        shown = [row for row in item.rows if row.shown]
        assert item.pooled.met.value == (sum(row.met.value or 0 for row in shown) if shown else None)


def test_the_page_ranks_nobody() -> None:
    page = build_pack_page(made(counts(5, practices=12)), STRICT, version="1")
    for part in page.tables:
        assert [row[0] for row in part.table.rows] == sorted(row[0] for row in part.table.rows)
    text = repr(page).casefold()
    assert [word for word in (" best", " worst", "rank", "league") if word in text] == []
    assert "check the data first" in text


def test_a_funnel_needs_eight_practices() -> None:
    few = build_pack_page(made(counts(6, practices=7)), STRICT, version="1")
    assert {part.funnel for part in few.tables} == {None}
    many = build_pack_page(made(counts(6, practices=40)), STRICT, version="1")
    assert any(part.funnel for part in many.tables)
    assert any("overdispersion" in part.said for part in many.tables)


def test_all_criteria_stand_on_one_table_that_leads_to_each() -> None:
    pack = made(counts(6, practices=40, criteria=len(CODES)))
    page = build_pack_page(pack, STRICT, version="1")
    assert {part.code for part in page.tables} == set(CODES)
    assert [row[0] for row in page.criteria.table.rows] == [part.title for part in page.tables]
    by_code = {item.code.text: item for item in pack.criteria}
    for row, part, link in zip(page.criteria.table.rows, page.tables, page.criteria.table.links, strict=True):
        item = by_code[part.code]
        shown = sum(one.shown for one in item.rows)
        assert (link, row[1]) == (f"c-{part.id}", item.strength.text.capitalize())
        assert row[2] == f"{shown} of {sum(one.eligible.value != 0 for one in item.rows)}"
        assert row[4] == ("suppressed" if item.pooled.met.value is None else f"{item.pooled.met.value:,}")
        assert row[7] == (str(sum(line[-1] == "outside 99.8%" for line in part.table.rows)) if part.funnel else "–")
        assert (shown == 0) == (part.strip is None), "every criterion of which something is shown has its charts"
    assert any(part.funnel for part in page.permitted)


def test_a_sheet_can_be_read_when_it_is_printed_one_page_wide() -> None:
    """A4 on its side holds some 130 letters at full size."""
    page = build_pack_page(made(counts(6, practices=40), before=publish(counts(6, practices=40), STRICT)), STRICT,
                           version="1")  # fmt: skip
    widths = {sheet.name: sum(column.width for column in sheet.columns) for sheet in pack_sheets(page)}
    assert len(widths) == 8
    assert {name: width for name, width in widths.items() if width > 175} == {}


def test_the_map_does_not_tell_what_a_row_had_to_give_up() -> None:
    """Routes alone leave answers of `intramuscular` open: their number is that row's "cannot tell"."""
    found = counts(0, practices=1, criteria=1)
    missing = np.zeros_like(found.missing)
    missing[0, FIELDS.index("route")] = 32
    exact = replace(found, criteria=("intramuscular",), rows=np.array([[[62, 0, 7, 32]]]), missing=missing,
                    classes=np.array([[0, 30, 40, 0]]), patients=np.array([150]))  # fmt: skip
    release = publish(exact, STRICT)
    assert release.rows[0, 0].tolist() == [60, 0, -1, -1]
    assert release.missing[0, FIELDS.index("route")] == -1
    nothing_small = publish(replace(exact, rows=np.array([[[62, 0, 20, 32]]])), STRICT)
    assert nothing_small.missing[0, FIELDS.index("route")] == 30


def test_populations_that_add_up_do_not_tell_a_suppressed_total() -> None:
    """All who start are those with and without neurological involvement: 50 less 40 would leave 6 or 7."""
    codes = ("folate-measured", "loading-complete", "neuro-loading")
    rows = np.array([[[25, 23, 0, 0], [21, 20, 0, 0], [4, 3, 0, 0]]])
    found = replace(counts(0, practices=1, criteria=3), criteria=codes, rows=rows, patients=np.array([150]),
                    missing=np.zeros((1, len(FIELDS)), dtype=np.int64))  # fmt: skip
    release = publish(found, STRICT)
    assert release.eligible[0].tolist().count(-1) == 2
    assert release.eligible[0, 2] == -1
    more = rows.copy()
    more[0, 0, 0] += 9
    someone_left_over = publish(replace(found, rows=more), STRICT)
    assert someone_left_over.eligible[0].tolist() == [55, 40, -1]


def test_a_practice_of_too_few_patients_tells_nothing() -> None:
    found = replace(counts(0, practices=1), patients=np.array([6]))
    release = publish(found, STRICT)
    assert {int(release.patients[0]), *release.missing[0].tolist(), *release.eligible[0].tolist()} == {-1}


# FHIR


@pytest.mark.parametrize("profile", ["strict", "nda"])
def test_measures_and_reports_are_valid_fhir(profile: str, tmp_path: Path) -> None:
    found = counts(7)
    pack = made(found, publish(found, profiles()[profile]))
    write_pack(pack, tmp_path / "pack", telling(found))
    bundle = json.loads((tmp_path / "pack/fhir/measures.json").read_text())
    assert len(Bundle.model_validate(bundle).entry or []) == len(found.criteria)
    for item in bundle["entry"]:
        Measure.model_validate(item["resource"])
    lines = (tmp_path / "pack/fhir/reports.ndjson").read_text().splitlines()
    for line in lines:
        MeasureReport.model_validate_json(line)
    assert len(lines) == sum(row.eligible.value != 0 for item in pack.criteria for row in item.rows)


@pytest.mark.parametrize("profile", ["strict", "nda"])
def test_fhir_populations_are_our_outcomes_and_masked_where_suppressed(profile: str) -> None:
    found = counts(7)
    pack = made(found, publish(found, profiles()[profile]))
    rows = [row for item in pack.criteria for row in item.rows if row.eligible.value != 0]
    for row, told in zip(rows, reports(pack), strict=True):
        population = {one["code"]["coding"][0]["code"]: one for one in told["group"][0]["population"]}
        expected = {"initial-population": row.eligible, "denominator": row.eligible, "numerator": row.met,
                    "denominator-exclusion": row.not_assessable, "denominator-exception": row.excepted}  # fmt: skip
        assert {code: one.get("count") for code, one in population.items()} == {
            code: count.value for code, count in expected.items()
        }
        assert all(("_count" in one) == ("count" not in one) for one in population.values())
        assert told["period"] == {"start": "2025-04", "end": "2026-03"}


# The ledger


def test_the_same_numbers_again_change_nothing() -> None:
    ledger = [settled(counts(8), [], FIRST).entry]
    again = settled(counts(8), ledger, FIRST)
    assert again.again
    assert np.array_equal(again.entry.release.rows, ledger[0].release.rows)


@pytest.mark.parametrize("moved", [1, 7, 40, -56])
def test_a_quarter_is_released_once(moved: int) -> None:
    found = replace(counts(8), rows=np.full((10, 6, 4), 60))
    ledger = [settled(found, [], FIRST).entry]
    rows = found.rows.copy()
    rows[0, 0, 0] += moved
    with pytest.raises(errors.InputRejected, match=r"other numbers of W90000:") as caught:
        settled(replace(found, rows=rows), ledger, FIRST)
    assert caught.value.code == "RELEASED_BEFORE"


def some(found: PackCounts, practices: list[int]) -> PackCounts:
    """The same of these practices alone."""
    tables = {name: getattr(found, name)[practices] for name in (*KEPT, "injected")}
    return replace(found, practices=tuple(found.practices[at] for at in practices), partial=(False,) * len(practices),
                   **tables)  # fmt: skip


def test_a_practice_left_out_between_is_still_remembered() -> None:
    """Of a quarter's releases each may have other practices: what any of them told binds the next."""
    found = replace(counts(8), rows=np.full((10, 6, 4), 60))
    ledger = [settled(found, [], FIRST).entry]
    ledger.append(settled(some(found, [0, 1]), ledger, FIRST, new_cohort=True).entry)
    rows = found.rows.copy()
    rows[9, 0, 0] = 90
    with pytest.raises(errors.InputRejected, match=r"other numbers of W90009:"):
        settled(replace(found, rows=rows), ledger, FIRST, new_cohort=True)
    assert not settled(found, ledger, FIRST, new_cohort=True).again


def test_another_standard_tells_the_same_quarter_otherwise_and_is_refused() -> None:
    ledger = [settled(counts(8), [], FIRST).entry]
    with pytest.raises(errors.InputRejected, match=r"and 7 more"):
        settle(replace(entry(counts(8)), standard="other 2026-11"), ledger, STRICT, new_cohort=False)


def test_releases_have_one_length_and_are_a_quarter_apart() -> None:
    ledger = [replace(settled(counts(8), [], FIRST).entry, ends=date(2026, 3, 31))]
    with pytest.raises(errors.UsageError, match="12 months each, and these are 3"):
        settled(counts(8), ledger, Quarter(8104, 3))
    later = entry(counts(9), SECOND)
    with pytest.raises(errors.UsageError, match="ends 79 days after"):
        settle(replace(later, ends=date(2026, 6, 18)), ledger, STRICT, new_cohort=False)
    settle(replace(later, ends=date(2026, 6, 19)), ledger, STRICT, new_cohort=False)


def test_the_next_quarter_remembers_what_was_suppressed() -> None:
    few, more = (replace(counts(8), rows=np.full((10, 6, 4), 60)) for _ in range(2))
    few.rows[0, 0, 2], more.rows[0, 0, 2] = 5, 10
    ledger = [settled(few, [], FIRST).entry]
    assert publish(more, STRICT).rows[0, 0, 2] == 10
    assert settled(more, ledger, SECOND).entry.release.rows[0, 0, 2] == -1


def test_it_is_remembered_of_a_practice_that_was_left_out_since() -> None:
    few, more = (replace(counts(8), rows=np.full((10, 6, 4), 60)) for _ in range(2))
    few.rows[9, 0, 2], more.rows[9, 0, 2] = 5, 10
    ledger = [settled(few, [], FIRST).entry]
    ledger.append(settled(some(few, [0, 1]), ledger, SECOND, new_cohort=True).entry)
    assert settled(more, ledger, Quarter(8105, 12), new_cohort=True).entry.release.rows[9, 0, 2] == -1


def test_other_practices_are_refused_unless_meant() -> None:
    ledger = [settled(counts(8, practices=10), [], FIRST).entry]
    with pytest.raises(errors.UsageError, match="W90010 is new"):
        settled(counts(8, practices=11), ledger, SECOND)
    with pytest.raises(errors.UsageError, match="W90009 is missing"):
        settled(counts(8, practices=9), ledger, SECOND)
    meant = settled(counts(8, practices=11), ledger, SECOND, new_cohort=True)
    assert (meant.joined, meant.left, meant.before) == (("W90010",), (), None)


def test_releases_come_in_turn_and_under_one_profile() -> None:
    ledger = [settled(counts(8), [], SECOND).entry]
    with pytest.raises(errors.UsageError, match="out of turn"):
        settled(counts(8), ledger, FIRST)
    with pytest.raises(errors.UsageError, match="profile strict"):
        settle(entry(counts(8), SECOND, "nda"), ledger, profiles()["nda"], new_cohort=False)


def test_the_ledger_keeps_everything() -> None:
    before = replace(entry(counts(8)), ends=date(2026, 3, 31))
    after = from_line(json.loads(json.dumps(as_line(before))))
    assert (after.quarter, after.profile, after.standard) == (before.quarter, before.profile, before.standard)
    assert after.ends == before.ends
    for field in fields(Release):
        assert np.array_equal(getattr(after.release, field.name), getattr(before.release, field.name))
    assert np.array_equal(after.counts.rows, before.counts.rows)


# The command


def pack(*arguments: str | Path) -> Any:
    return CliRunner().invoke(main, ["pack", *map(str, arguments)])


@pytest.fixture
def packed(audited_once: Path, tmp_path: Path) -> Path:
    done = pack(audited_once, "--out", tmp_path / "pack")
    assert done.exit_code == 0, done.output
    return tmp_path / "pack"


def test_the_pack_tells_no_patient_and_no_day(packed: Path, audited_once: Path) -> None:
    plain = [path for path in packed.rglob("*.*") if path.suffix != ".xlsx"]
    texts = [path.read_text(encoding="utf-8") for path in plain]
    with zipfile.ZipFile(packed / "pack.xlsx") as book:
        texts += [book.read(name).decode() for name in book.namelist() if "docProps" not in name]
    verdicts = pd.read_csv(audited_once / "verdicts.csv", dtype=str, keep_default_na=False)
    telling_ = {*verdicts["patient_id"], *verdicts["from_date"], *verdicts["due_date"], *verdicts["to_date"]} - {""}
    whole = "\n".join(texts)
    assert len(texts) > 10
    assert [canary for canary in telling_ if canary in whole] == []
    assert re.findall(r"\b(?:19|20)\d\d-\d\d-\d\d\b", whole) == []


def test_the_ledger_is_private_and_beside_the_pack(packed: Path) -> None:
    ledger = packed.parent / "b12audit-ledger.jsonl"
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert not list(packed.rglob("*ledger*"))


def test_two_packs_are_not_released_at_once(audited_once: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "b12audit-ledger.jsonl"
    with sole_release(ledger):
        done = pack(audited_once, "--out", tmp_path / "pack")
    assert (done.exit_code, "LOCKED" in done.output) == (errors.RunLocked.exit_code, True), done.output
    assert list(tmp_path.iterdir()) == []


def test_the_same_pack_again_is_a_success_and_no_line(packed: Path, audited_once: Path) -> None:
    ledger = (packed.parent / "b12audit-ledger.jsonl").read_bytes()
    before = {path: path.read_bytes() for path in packed.rglob("*") if path.is_file()}
    assert pack(audited_once, "--out", packed).exit_code == 0
    assert pack(audited_once, "--out", packed, "--force").exit_code == 0
    assert (packed.parent / "b12audit-ledger.jsonl").read_bytes() == ledger
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "NOTHING_NAMED"),
        (("run", "run"), 4, "PRACTICE_TWICE"),
        (("run", "--ledger", "pack/ledger.jsonl", "--out", "pack"), 2, "LEDGER_IN_PACK"),
        (("nothing",), 4, "NO_REPORT_HERE"),
        (("changed",), 4, "RUN_FOLDER_DAMAGED"),
        (("run", "--ledger", "broken.jsonl"), 4, "LEDGER_DAMAGED"),
    ],
)
def test_what_is_refused(
    arguments: tuple[str, ...], code: int, message: str, audited_once: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    shutil.copytree(audited_once, "run")
    shutil.copytree(audited_once, "changed")
    Path("nothing").mkdir()
    Path("broken.jsonl").write_text('{"form": 1}\n')
    with Path("changed/verdicts.csv").open("a") as file:
        file.write("\n")
    done = pack(*arguments)
    assert (done.exit_code, message in done.output) == (code, True), done.output
    assert not list(tmp_path.glob("**/pack.json"))


def test_reports_of_different_periods_are_refused(audited_once: Path, little: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    arguments = ["run", str(little), "--out", str(other), "--extract-date", "2025-03-31", "--no-archive"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    done = pack(audited_once, other, "--out", tmp_path / "pack")
    assert (done.exit_code, "REPORTS_DIFFER" in done.output, "period" in done.output) == (4, True, True)


@pytest.mark.browser
def test_the_page_is_accessible_and_fits(browser: Browser, tmp_path: Path) -> None:
    # as many as a funnel needs
    found = counts(9, practices=8)
    before = publish(counts(10, practices=8), STRICT)
    write_pack(made(found, before=before), tmp_path / "pack", telling(found))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page = browser.new_page(viewport={"width": 400, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto((tmp_path / "pack/pack.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    folded = "[...document.querySelectorAll('details table')].map(one => one.checkVisibility())"
    assert set(page.evaluate(folded)) == {False}
    page.emulate_media(media="print")
    assert set(page.evaluate(folded)) == {True}, "what is folded on the screen is printed"
    page.emulate_media(media="screen")
    page.locator("summary").last.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(folded)[-1], "no mouse is needed"
    links = "[...document.querySelectorAll('a')].every(one => document.querySelector(one.getAttribute('href')))"
    assert page.evaluate(links)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    options = {"runOnly": {"type": "tag", "values": tags}}
    response = page.evaluate("options => axe.run(document, options)", options)
    page.close()
    assert [item["id"] for item in response["violations"]] == []
    assert said == []


@pytest.mark.slow
def test_the_demo_releases_a_year_and_the_inputs_are_packed_in_one_command(tmp_path: Path) -> None:
    from sample_data import area  # noqa: PLC0415 - only here

    done = CliRunner().invoke(main, ["demo", "--pack", "--out", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    packs = sorted((tmp_path / "demo-packs").glob("pack-*/pack.json"))
    contents = [json.loads(path.read_text()) for path in packs]
    assert [content["period"][-10:] for content in contents] == [f"2025/26 Q{number}" for number in range(1, 5)]
    assert {len(content["practices"]) for content in contents} == {area.PRACTICES}
    for number in range(1, 4):
        area.write(number, tmp_path / "inputs")
    done = pack("--from-inputs", tmp_path / "inputs", "--out", tmp_path / "pack")
    assert done.exit_code == 0, done.output
    last, one = contents[-1], json.loads((tmp_path / "pack/pack.json").read_text())
    assert len(one["practices"]) == 3
    assert one["practices"][0]["practice"] == last["practices"][0]["practice"]
    assert is_dataclass(SafePack)
