"""User mistakes: each is read with the truth told, or refused with an id, a place and a remedy that works."""

from __future__ import annotations

import csv
import functools
import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.errors import AuditError
from tests import counts
from tests.corpora.user_mistakes import EACH, INPUT, Mistake, kinds, practice, user_mistakes, written

TABLE = "user mistakes"
MOST_LINES = 25
#: What stands in no message: a patient's id, and who the made-up people are.
CANARIES = re.compile(
    r"QX7Z-\d\d|Zubrowska|Quillfeather|Zwiebel|Xanthop|Quentina|Quilla|943 ?476 ?5919|example\.org|07700|9XQ|2QX",
    re.IGNORECASE,
)
#: What nobody would write: 01 April, 1 rows are hidden.
AWKWARD = re.compile(r"\b0\d (January|February|March|April|May|June|July|August|September|October|November|December)"
                     r"|(?<![\d,.])1 rows are hidden")  # fmt: skip
#: Kinds that take long, or that other fast tests try too.
SLOW = (
    *("directions that nobody can read", "rows twice", "blank lines on top, blank columns", "audited already"),
    *("a column of dates of birth", "merged ids and rows of totals", "hidden rows, columns and sheets"),
    *("names with spaces, signs and other alphabets", "doses and quantities with words"),
)
Verdicts = dict[tuple[str, str], str]


@functools.cache
def corpus() -> dict[str, tuple[Mistake, ...]]:
    return user_mistakes()


def command(argv: list[str] | tuple[str, ...]) -> Result:
    return CliRunner().invoke(main, list(argv))


def verdicts_in(folder: Path) -> Verdicts:
    with (folder / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        return {(row["patient_id"], row["criterion"]): row["outcome"] for row in csv.DictReader(file)}


def report_in(folder: Path) -> Path:
    (manifest,) = folder.rglob("run.json")
    return manifest.parent


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    folder = tmp_path_factory.mktemp("sound")
    written(practice())(folder)
    assert command(["run", str(folder / INPUT), "--out", str(folder / "out")]).exit_code == 0
    found = verdicts_in(folder / "out")
    assert {"met", "not_met", "not_assessable", "not_applicable"} <= set(found.values())
    return found


def content_of(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


class Case:
    """One mistake made in a folder of its own, and what became of it."""

    def __init__(self, mistake: Mistake, folder: Path, sound: Verdicts) -> None:
        self.mistake, self.folder, self.sound = mistake, folder, sound
        mistake.make(folder)
        self.before = content_of(folder)

    def play(self, monkeypatch: pytest.MonkeyPatch) -> str:
        """`same`, `said`, the id of the refusal, or `silent` and why."""
        monkeypatch.chdir(self.folder)
        with monkeypatch.context() as amiss:
            if self.mistake.patch:
                self.mistake.patch(amiss, self.folder)
            done = command(self.mistake.argv)
        self.check_message(done)
        assert done.exit_code == self.mistake.exit_code, done.output
        return self.refused(done) if done.exit_code not in (0, 3) else self.read()

    def check_message(self, done: Result) -> None:
        assert done.exception is None or isinstance(done.exception, SystemExit | AuditError), done.exception
        assert "Traceback" not in done.output
        assert not AWKWARD.search(done.output), done.output
        assert "--json" in self.mistake.argv or "Usage:" in done.stdout or len(done.output.splitlines()) <= MOST_LINES
        assert not CANARIES.search(done.stderr), done.stderr
        # what is asked for by name may be answered by name
        assert done.exit_code in (0, 3, 8) or not CANARIES.search(done.stdout), done.stdout

    def refused(self, done: Result) -> str:
        said = [line for line in done.stderr.splitlines() if re.match(r"[A-Z0-9_]+: ", line)]
        assert [line.partition(":")[0] for line in said] == [self.mistake.says], done.stderr
        remedy = done.stderr.partition("  what to do: ")[2].strip()
        assert remedy, done.stderr
        assert content_of(self.folder) == self.before
        if self.mistake.then:
            self.follow(remedy)
        return self.mistake.says

    def follow(self, remedy: str) -> None:
        argv = self.pasted(remedy)
        done = command(argv)
        self.check_message(done)
        assert done.exit_code in self.mistake.after, (remedy, done.output)
        if argv[0] == "pseudonymise":
            (copy,) = (path for path in self.folder.iterdir() if "pseudonymised" in path.name)
            done = command(["run", copy.name])
            self.check_message(done)
            assert done.exit_code in (0, 3), done.output
        elif self.mistake.reads:
            assert verdicts_in(report_in(self.folder)) == self.sound

    def pasted(self, remedy: str) -> list[str]:
        if self.mistake.then == "paste":
            (typed,) = re.findall(r"b12audit (.*)", remedy)
            return [os.path.expanduser(word) for word in shlex.split(typed)]
        if self.mistake.then == "meant":
            (name,) = re.findall(r'Did you mean "(.*)"', remedy)
            return [self.mistake.argv[0], name]
        more = shlex.split(remedy[remedy.index("--") :].partition(";")[0])
        named = [word for word in more if word.startswith("--")]
        kept = list(self.mistake.argv)
        for name in named:
            if name in kept:
                del kept[kept.index(name) : kept.index(name) + 2]
        return [*kept, *(word for place, word in enumerate(more) if word in named or more[place - 1] in named)]

    def read(self) -> str:
        out = report_in(self.folder)
        after = content_of(self.folder)
        names = [name for name in after if name not in self.before]
        assert all(name.startswith(str(out.relative_to(self.folder))) for name in names), names
        assert not list(self.folder.glob(".b12audit-*"))
        with (out / "findings.csv").open(encoding="utf-8", newline="") as file:
            codes = {row["code"] for row in csv.DictReader(file)}
        assert not self.mistake.says or self.mistake.says in codes, codes
        assert not AWKWARD.search((out / "findings.csv").read_text(encoding="utf-8"))
        found = verdicts_in(out)
        if found == self.sound:
            return "same"
        assert self.mistake.reads == "said", changed(self.sound, found)
        return self.wrong(found) or ("said" if self.mistake.says else "silent")

    def wrong(self, found: Verdicts) -> str:
        """What is better than it was, and who is missing who was not met; blank when nothing and nobody."""
        known = {patient: self.mistake.ids.get(patient, patient) for patient, _ in found}
        was = [((known[patient], criterion), outcome) for (patient, criterion), outcome in found.items()]
        doubtful = {key for key, outcome in self.sound.items() if outcome in ("not_met", "not_assessable")}
        better = sorted(key for key, outcome in was if outcome == "met" and key in doubtful)
        gone = sorted({patient for patient, _ in doubtful} - set(known.values()))
        return f"silent: better {better}, gone {gone}" if better or gone else ""


def changed(old: Verdicts, new: Verdicts) -> list[tuple[tuple[str, str], str, str]]:
    keys = sorted({*old, *new})
    return [(key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)][:10]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of one's own, where a key can be kept."""
    place = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("USERPROFILE", str(place))


def allowed(mistake: Mistake) -> set[str]:
    if mistake.exit_code not in (0, 3):
        return {mistake.says}
    return {"same"} if mistake.reads == "same" else {"same", "said"}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind not in SLOW])
def test_one_of_every_kind(kind: str, tmp_path: Path, sound: Verdicts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind one of the quick ones, another than of its neighbours."""
    place = list(corpus()).index(kind)
    quick = sorted(corpus()[kind], key=lambda one: (one.exit_code in (0, 3), one.then != ""))[:2]
    mistake = quick[place % 2]
    assert Case(mistake, tmp_path, sound).play(monkeypatch) in allowed(mistake)


def test_there_are_at_least_as_many_as_were_asked_for() -> None:
    assert {len(of_kind) for of_kind in corpus().values()} == {EACH}
    assert EACH * len(corpus()) >= 252


def _outcomes(of_kind: tuple[Mistake, ...], base: Path, sound: Verdicts) -> Iterator[str]:
    """Each variant in a folder and a home of its own."""
    for place, mistake in enumerate(of_kind):
        folder = base / str(place)
        (folder / "in").mkdir(parents=True)
        with pytest.MonkeyPatch.context() as own:
            own.setenv("HOME", str(folder))
            own.setenv("USERPROFILE", str(folder))
            became = Case(mistake, folder / "in", sound).play(own)
        assert became in allowed(mistake), (mistake.kind, place, became)
        yield became


@pytest.mark.slow
def test_all_mistakes_and_write_their_counts(tmp_path: Path, sound: Verdicts) -> None:
    rows = []
    for number, (kind, of_kind) in enumerate(corpus().items()):
        outcomes = Counter(_outcomes(of_kind, tmp_path / str(number), sound))
        rows.append(counts.row(kind, outcomes))
    counts.write(TABLE, "mistakes", rows)


def test_the_page_holds_the_counts_of_all_mistakes() -> None:
    rows = counts.read(TABLE)
    assert set(rows) == set(corpus())
    for total, refused, same, said, wrong in rows.values():
        assert (total, refused + same + said, wrong) == (EACH, EACH, 0)


# --- messages that name a place


def test_the_copy_without_identifiers_is_made_from_where_the_file_stands(tmp_path: Path) -> None:
    """A remedy can be pasted whatever folder one stands in, and names no folder that is named after a person."""
    number = next(one for one in corpus()["a column of NHS numbers"])
    for folder, shown in (("a list", True), ("943 476 5919", False)):
        place = tmp_path / folder
        place.mkdir()
        number.make(place)
        done = command(["run", str(place / INPUT)])
        assert done.exit_code == 5
        assert (f'pseudonymise "{place / INPUT}"' in done.stderr) == shown
        assert ("pseudonymise IN OUT " in done.stderr) == (not shown)
        assert "943 476" not in done.stderr


def test_no_file_that_is_named_after_a_person_is_proposed(tmp_path: Path) -> None:
    written(practice(), "recordz 943 476 5919.xlsx")(tmp_path)
    done = command(["run", str(tmp_path / "recordz 943 476 591.xlsx")])
    assert (done.exit_code, "NO_SUCH_FILE" in done.stderr, "Did you mean" in done.stderr) == (4, True, False)
