"""The documents are true: those made from the code are current, and what the others name is there."""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from audit.cli import main
from audit.criteria import catalogue
from audit.criteria import criterion as find_criterion
from audit.criteria.criterion import Criterion, Gate
from audit.render import dictionary
from audit.render.catalogue import GATES, numbers_read
from audit.render.markdown import table
from audit.standards.standard import Standard, load_standard
from schemas import canonical, outputs, vocabulary
from tests.stories import tell

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
MADE = ("criteria.md", "data-dictionary.md", "exporting.md")
MEND = "run `make docs` (it is `b12audit docs --out docs`) and commit docs/"
CODES = [item.code for item in catalogue()]
PARTS = ("Numbers", "Guidance in force", "Sources", "Examples")
FACTS = ("Why", "Who", "Met", "Exceptions, waiting and blanks", "Asked first")


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


# Current


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents as the command writes them now."""
    folder = tmp_path_factory.mktemp("docs")
    result = CliRunner().invoke(main, ["docs", "--out", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def stale(current: Path, kept: Path) -> list[str]:
    """Names of the kept pages that differ from the current ones, byte for byte."""
    return [
        name
        for name in MADE
        if not (kept / name).exists() or (kept / name).read_bytes() != (current / name).read_bytes()
    ]


def test_the_pages_made_from_the_code_are_current(made: Path) -> None:
    assert stale(made, DOCS) == [], f"stale documents: {MEND}"


def test_a_stale_page_is_found(made: Path, tmp_path: Path) -> None:
    (tmp_path / "criteria.md").write_text(read("criteria.md").replace("mandated", "optional"), encoding="utf-8")
    for name in MADE[1:]:
        (tmp_path / name).write_bytes((made / name).read_bytes())
    assert stale(made, tmp_path) == ["criteria.md"]
    assert stale(made, tmp_path / "nowhere") == list(MADE)


def test_the_command_is_hidden_and_wants_a_folder(tmp_path: Path) -> None:
    listed = CliRunner().invoke(main, ["--help"]).output.split("Commands:")[1]
    assert not re.search(r"^  docs\b", listed, re.MULTILINE)
    assert CliRunner().invoke(main, ["docs", "--out", str(tmp_path / "nowhere")]).exit_code == 2


def test_make_docs_runs_the_command_that_mends_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^docs:.*\n\t\S*b12audit docs --out docs$", makefile, re.MULTILINE)


def test_the_documents_name_no_machine() -> None:
    for path in DOCS.rglob("*.md"):
        assert not re.search(r"/(home|root|tmp|work|usr)/", path.read_text(encoding="utf-8")), path.name


# The catalogue of criteria


@functools.cache
def sections() -> dict[str, str]:
    """The section of each criterion, by its heading."""
    parts = re.split(r"^### ", read("criteria.md"), flags=re.MULTILINE)[1:]
    return {part.partition("\n")[0]: re.split(r"^## ", part, flags=re.MULTILINE)[0] for part in parts}


def part(code: str, heading: str) -> str:
    return sections()[code].split(f"#### {heading}\n")[1].split("\n####")[0]


def rows(text: str) -> list[list[str]]:
    """The body of the table in a text, cell by cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def listed_numbers(code: str) -> set[str]:
    return {row[0].strip("`") for row in rows(part(code, "Numbers"))}


@functools.cache
def shared_numbers() -> set[str]:
    text = read("criteria.md").split("## Numbers that all criteria share\n")[1].split("\n## ")[0]
    return {row[0].strip("`") for row in rows(text)}


def test_every_criterion_has_one_section_in_its_group() -> None:
    headings = re.findall(r"^### (\S+)$", read("criteria.md"), re.MULTILINE)
    by_strength = [item.code for strength in vocabulary.STRENGTH for item in catalogue() if item.strength == strength]
    assert headings == by_strength


@pytest.mark.parametrize("code", CODES)
def test_a_section_says_everything(code: str) -> None:
    text, item = sections()[code], find_criterion(code).worded(load_standard())
    said = dict(re.findall(r"^\* \*\*(.+?):\*\* (.+)$", text, re.MULTILINE))
    assert tuple(said) == FACTS
    assert (said["Why"], said["Who"], said["Met"]) == (item.why, item.who, item.met)
    assert item.notes in said["Exceptions, waiting and blanks"]
    assert item.title in text
    assert tuple(re.findall(r"^#### (.+)$", text, re.MULTILINE)) == PARTS
    assert all(part(code, heading).strip() for heading in PARTS)


@pytest.mark.parametrize("code", CODES)
def test_the_examples_are_all_there_with_both_outcomes(code: str) -> None:
    printed = [(row[0], ", ".join(filter(None, row[2:]))) for row in rows(part(code, "Examples"))]
    assert printed == [(example.title, example.expect) for example in find_criterion(code).examples]
    assert {"met", "not_met"} <= {expect.split(",")[0] for _, expect in printed}


@pytest.mark.parametrize("code", CODES)
def test_sources_and_dated_guidance_are_cited(code: str) -> None:
    standard = load_standard()
    for source in find_criterion(code).sources:
        assert standard.source_text(source) in part(code, "Sources")
    bearing = [entry for entry in standard.guidance if code in entry.criteria]
    assert [entry.text for entry in bearing if entry.text in part(code, "Guidance in force")] == [
        entry.text for entry in bearing
    ]
    assert ("No dated change" in part(code, "Guidance in force")) == (not bearing)


def test_the_dates_of_guidance_are_printed() -> None:
    text = part("maintenance-interval-standard", "Guidance in force")
    assert "* Until 31 August 2018: " in text
    assert "* From 1 September 2018: " in text
    assert "* 16 March 2020 to 31 March 2021: " in text


# The numbers of a section


@pytest.mark.parametrize("code", CODES)
def test_numbers_stand_with_value_unit_and_source(code: str) -> None:
    for key, value, unit, source, what in rows(part(code, "Numbers")):
        number = load_standard().numbers[key.strip("`")]
        assert (value.replace(",", ""), unit, what) == (str(number.value), number.unit, number.what)
        assert source


def read_by_the_examples(item: Criterion) -> frozenset[str]:
    listening = load_standard().listening()
    tell(item, listening)
    return frozenset(listening.read or ())


@functools.cache
def read_by_any_cohort() -> frozenset[str]:
    return read_by_the_examples(find_criterion("cause-recorded"))


@pytest.mark.parametrize("code", CODES)
def test_every_number_a_criterion_reads_itself_is_listed(code: str) -> None:
    own = read_by_the_examples(find_criterion(code)) - read_by_any_cohort()
    assert own <= listed_numbers(code) | shared_numbers()


def moved(standard: Standard, keep: set[str], step: int) -> Standard:
    """Every number but those to keep, moved by a step."""
    for key in [key for key, number in standard.numbers.items() if isinstance(number.value, int) and key not in keep]:
        standard = standard.with_number(key, standard.number(key) + step)
    return standard


@pytest.mark.parametrize("step", [-1, 1])
@pytest.mark.parametrize("code", CODES)
def test_no_number_that_is_not_listed_decides(code: str, step: int) -> None:
    item, standard = find_criterion(code), load_standard()
    kept = listed_numbers(code) | shared_numbers()
    assert [story.said for story in tell(item, moved(standard, kept, step))] == [
        story.said for story in tell(item, standard)
    ]


@pytest.mark.parametrize("code", ["loading-complete", "maintenance-interval-neuro", "blood-count-response"])
def test_a_number_left_out_would_be_noticed(code: str) -> None:
    item, standard = find_criterion(code), load_standard()
    assert [story.said for story in tell(item, moved(standard, shared_numbers(), 1))] != [
        story.said for story in tell(item, standard)
    ]


def test_numbers_are_those_of_the_standard_it_is_given() -> None:
    assert set(numbers_read(find_criterion("maintenance-interval-neuro"), load_standard())) == {
        "maintenance.neuro_months",
        "maintenance.neuro_grace_days",
    }
    assert set(numbers_read(find_criterion("two-monthly-for-everyone"), load_standard())) == {
        "everyone.months",
        "everyone.grace_days",
    }
    assert numbers_read(find_criterion("cause-recorded"), load_standard()) == ()


def test_every_gate_has_its_reasons() -> None:
    assert set(GATES) == set(get_args(Gate))
    assert {reason for reasons in GATES.values() for reason in reasons} <= set(vocabulary.REASON)


# The data dictionary


def test_every_column_of_the_workbook_has_a_meaning() -> None:
    assert {sheet: tuple(fields) for sheet, fields in dictionary.FIELDS.items()} == vocabulary.INPUT_COLUMNS
    assert tuple(dictionary.ABOUT) == vocabulary.ABOUT_KEYS


def test_every_column_that_reading_adds_has_a_meaning_and_no_other() -> None:
    added = {
        name
        for sheet, schema in canonical.TABLES.items()
        for name in schema.columns
        if name not in vocabulary.INPUT_COLUMNS[sheet]
    }
    assert added == set(dictionary.READ_FIELDS) - {"value"}


def test_every_column_of_every_contract_is_printed() -> None:
    text = read("data-dictionary.md")
    titles = {f"{name} as read": schema for name, schema in canonical.TABLES.items()}
    titles |= {name.capitalize(): schema for name, schema in outputs.TABLES.items()}
    for title, schema in titles.items():
        body = rows(text.split(f"\n### {title}\n")[1].split("\n### ")[0].split("\n## ")[0])
        assert [row[0].strip("`") for row in body] == list(schema.columns)
        assert all(row[1] and row[4] for row in body)


@pytest.mark.parametrize("title", dictionary.WORDS)
def test_every_word_has_a_sentence_and_no_other(title: str) -> None:
    members, sentences = dictionary.WORDS[title]
    assert set(sentences) == set(members)
    assert all(sentence.endswith(".") for sentence in sentences.values())


def test_every_list_of_the_vocabulary_is_printed() -> None:
    lists = {
        name: value
        for name, value in vars(vocabulary).items()
        if name.isupper() and isinstance(value, tuple) and not name.endswith(("COLUMNS", "KEYS"))
    }
    # parts of a list that is printed whole
    parts = {"GIVEN_EVENTS": vocabulary.EVENT, "B12_SUBSTANCES": vocabulary.SUBSTANCE}
    printed = {tuple(members) for members, _ in dictionary.WORDS.values()} | {vocabulary.REASON}
    assert {name for name, value in lists.items() if value not in printed} == set(parts)
    assert all(set(lists[name]) <= set(whole) for name, whole in parts.items())


def test_every_reason_has_its_outcome_and_a_sentence() -> None:
    body = rows(read("data-dictionary.md").split("\n### Reasons\n")[1])
    assert [row[0].strip("`") for row in body] == list(filter(None, vocabulary.REASON))
    for reason, outcome, meaning in body:
        assert outcome.strip("`") in vocabulary.OUTCOME, reason
        assert meaning.endswith("."), reason
        assert "{" not in meaning, reason


def test_text_of_a_cell_closes_no_cell() -> None:
    assert table(("a", "b"), [("x|y", "1 <b>\n2")]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 &lt;b> 2 |"


# Links and paths


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(name: str, text: str) -> list[str]:
    """Links of a document that lead nowhere."""
    found = []
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        path = (DOCS / name).parent / file if file else DOCS / name
        if not path.exists() or (anchor and anchor not in anchors(path.read_text(encoding="utf-8"))):
            found.append(target)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    assert broken_links(name, read(name)) == []


def test_a_broken_link_is_found() -> None:
    text = "[a](nowhere.md) [b](criteria.md#no-such) [c](criteria.md#local-rules)"
    assert broken_links("README.md", text) == ["nowhere.md", "criteria.md#no-such"]


def test_the_index_names_every_document() -> None:
    index = read("README.md")
    kept = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.is_file()} - {"README.md"}
    assert [name for name in sorted(kept) if name not in index] == []


def named_paths(text: str) -> set[str]:
    """What stands in backquotes and looks like a path."""
    quoted = re.findall(r"`([^`\s]+)`", text)
    return {name for name in quoted if "/" in name or Path(name).suffix in (".py", ".md", ".toml")}


def test_every_path_of_the_architecture_page_is_there() -> None:
    named = named_paths(read("architecture.md"))
    assert len(named) > 30
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_a_path_that_is_not_there_would_be_found() -> None:
    assert named_paths("`audit/nowhere.py` and `gone.toml`, `make docs`, `met`") == {"audit/nowhere.py", "gone.toml"}


def test_the_architecture_page_names_every_room_in_order() -> None:
    from tests.test_architecture import ROOMS  # noqa: PLC0415 - the one list of rooms

    line = read("architecture.md").split("Imports point one way along ")[1].split(";")[0]
    assert tuple(re.findall(r"`(\w+)`", line)) == ROOMS


# The changelog


def changelog_groups() -> dict[str, list[str]]:
    """The criteria that the changelog's first entry lists, by group."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("**What it judges.**")[1].split("\n**")[0]
    heads = {"mandated": "\nMandated", "permitted": "\nPermitted", "patient_group": "\nPatient organisations"}
    starts = {strength: text.index(head) for strength, head in heads.items()}
    ends = dict(zip(starts, [*list(starts.values())[1:], len(text)], strict=True))
    return {
        strength: re.findall(r"^\* `([^`]+)`: \w", text[start : ends[strength]], re.MULTILINE)
        for strength, start in starts.items()
    }


def test_the_changelog_has_a_line_for_every_criterion_in_its_group() -> None:
    listed = {strength: sorted(codes) for strength, codes in changelog_groups().items()}
    assert listed == {
        strength: sorted(item.code for item in catalogue() if item.strength == strength)
        for strength in vocabulary.STRENGTH
    }
