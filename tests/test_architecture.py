"""How the house is built: imports point one way, one reader of the clock, clinical numbers in standards/.

Each rule is a function from a module's syntax tree to what it found, and is also shown what breaks it.
"""

from __future__ import annotations

import ast
import functools
import re
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

#: Left never imports right.
ROOMS = (
    "schemas",
    "errors",
    "standards",
    "intake",
    "cohort",
    "criteria",
    "results",
    "render",
    "engine",
    "pipeline",
    "nightly",
    "commands",
    "cli",
    "__main__",
)
LONGEST_FUNCTION, LONGEST_MEDIAN = 60, 10
INDICES = (-1, 0, 1, 2)

#: Numbers that are not clinical, by file and value, each with the reason why it may stand in code.
NOT_CLINICAL: dict[tuple[str, float], str] = {
    ("audit/cohort/calendar.py", -500_000_000): "a day before all days",
    ("audit/cohort/calendar.py", 500_000_000): "a day after all days",
    ("audit/cohort/calendar.py", 1970): "the year from which numpy counts",
    ("audit/cohort/prescribed.py", 7): "days of a week",
    ("audit/cohort/events.py", 30): "bits of a packed key",
    ("audit/cohort/events.py", 32): "bits of a packed key",
    ("audit/criteria/judgement.py", 31): "bits of the smallest 32-bit number, which stands for blank",
    ("audit/results/pack.py", 200): "the longest label",
    ("audit/results/margins.py", 40): "bits of a number beyond all counts",
    ("audit/results/margins.py", 20): "bits that no count reaches",
    ("audit/results/margins.py", 8): "kinds of cells that a reader misses more or less",
    ("audit/results/releases.py", 3): "months of a quarter; practices named in a message",
    ("audit/results/releases.py", 4): "quarters of a year; the month in which a financial year begins",
    ("audit/results/releases.py", 100): "a year's last two digits",
    ("audit/results/findings.py", 1000): "how many findings of one kind are listed",
    ("audit/results/tables.py", 3): "a place in a list of criteria",
    ("audit/results/thresholds.py", 100): "the whole of a percentage",
    ("audit/results/funnel.py", 8): "with fewer practices a funnel says too little",
    ("audit/results/funnel.py", 0.05): "the customary inner limits",
    ("audit/results/funnel.py", 0.002): "the customary outer limits",
    ("audit/results/funnel.py", 0.1): "how far extremes are drawn in before they are measured",
    ("audit/results/forecast.py", 12): "months of the forecast",
    ("audit/results/forecast.py", 60): "minutes of an hour",
    ("audit/results/over_time.py", 3): "months of a quarter",
    ("audit/results/over_time.py", 6): "points of a shift, a rule of run charts",
    ("audit/results/over_time.py", 5): "points of a trend, a rule of run charts",
    ("audit/results/over_time.py", 12): "points from which limits are drawn",
    ("audit/results/over_time.py", 266): "2.66 as a fraction: the factor of XmR limits",
    ("audit/results/over_time.py", 100): "2.66 as a fraction: the factor of XmR limits",
    ("audit/results/recall.py", 7): "days of a week",
    ("audit/results/row_counts.py", 100): "the whole of a percentage",
    ("audit/results/row_counts.py", 20): "percent of rows unusable from which a report is partial",
    ("audit/results/scores.py", 2): "a figure of Wilson's formula, and both sides of an interval",
    ("audit/results/scores.py", 4): "a figure of Wilson's formula",
    ("audit/results/scores.py", 0.95): "the customary confidence level of an interval",
}


@dataclass(frozen=True)
class Module:
    """One source file: its place from the project's folder, and its tree."""

    path: str
    tree: ast.Module

    @property
    def room(self) -> str:
        parts = Path(self.path).with_suffix("").parts
        return parts[0] if parts[0] != "audit" or len(parts) == 1 else parts[1]


def read(path: Path) -> Module:
    return Module(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8")))


def snippet(text: str, path: str = "audit/criteria/snippet.py") -> Module:
    return Module(path, ast.parse(text))


FILES = sorted(path for folder in ("audit", "schemas") for path in (ROOT / folder).rglob("*.py"))


@functools.cache
def modules() -> tuple[Module, ...]:
    """All source files, parsed once."""
    return tuple(read(path) for path in FILES)


Rule = Callable[[Module], Iterator[tuple[int, str]]]


def breaches(rule: Rule, among: tuple[Module, ...] | None = None) -> list[str]:
    looked_at = modules() if among is None else among
    return [f"{module.path}:{line} {what}" for module in looked_at for line, what in rule(module)]


def children(node: ast.AST, skip: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """The node and all below it, leaving out the branches that `skip` names."""
    if not skip(node):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from children(child, skip)


def is_type_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def called(node: ast.AST) -> str:
    """The dotted name that a call calls, else blank."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def calls(module: Module, names: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and names.search(called(node)):
            yield node.lineno, f"calls {called(node)}"


# Imports


def runtime_imports(module: Module) -> Iterator[tuple[int, str]]:
    """Every module imported when the code runs, inside functions too."""
    package = list(Path(module.path).parent.parts)
    for node in children(module.tree, is_type_only):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{stem}.{name.name}") for name in node.names)


def wrong_way(module: Module) -> Iterator[tuple[int, str]]:
    for line, name in runtime_imports(module):
        top, _, rest = name.partition(".")
        room = rest.partition(".")[0] if top == "audit" else top
        if top in ("tests", "benchmarks") or (top == "sample_data" and module.room != "commands"):
            yield line, f"imports {name}"
        elif room in ROOMS and (module.room not in ROOMS or ROOMS.index(room) > ROOMS.index(module.room)):
            yield line, f"imports {name}, which stands to its right"


def test_every_module_is_in_a_known_room() -> None:
    assert {module.room for module in modules()} <= {*ROOMS, "__init__"}


def test_imports_point_one_way() -> None:
    assert breaches(wrong_way) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("audit/criteria/a.py", "from audit.results.judge import judge"),
        ("audit/criteria/a.py", "def f():\n    import audit.cli"),
        ("audit/criteria/a.py", "from audit import pipeline"),
        ("audit/criteria/a.py", "from ..render import view"),
        ("audit/__init__.py", "from .cli import main"),
        ("schemas/a.py", "import audit.errors"),
        ("audit/engine/a.py", "import tests.oracle"),
    ],
)
def test_an_import_to_the_right_is_found(path: str, text: str) -> None:
    assert breaches(wrong_way, (snippet(text, path),))


def test_imports_to_the_left_and_for_types_are_allowed() -> None:
    text = """
from typing import TYPE_CHECKING
from audit import __version__
from audit.cohort.cohort import Cohort
from .judgement import Judgement
if TYPE_CHECKING:
    from audit.results.audit import AuditResult
"""
    assert breaches(wrong_way, (snippet(text),)) == []


def test_the_oracle_shares_no_code_with_the_engine() -> None:
    oracle = tuple(read(path) for path in sorted((ROOT / "tests" / "oracle").rglob("*.py")))
    shared = [name for module in oracle for _, name in runtime_imports(module) if name.startswith("audit")]
    assert oracle
    assert shared == []


# The clock and the exit

CLOCK = {"now", "today", "utcnow", "localtime", "gmtime", "ctime", "time_ns", "monotonic", "monotonic_ns"}
CLOCK |= {"perf_counter", "perf_counter_ns", "process_time", "process_time_ns"}
NOT_THE_CLOCK = {"sleep", "struct_time"}
WORDS_FOR_NOW = {"now", "today"}


def clock_reads(module: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and (node.attr in CLOCK or ast.unparse(node) == "time.time"):
            yield node.lineno, f"reads the clock: {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            taken = {name.name for name in node.names} - NOT_THE_CLOCK
            yield from ((node.lineno, f"imports {name} from time") for name in sorted(taken))
        elif isinstance(node, ast.Call):
            words = [word.value for word in node.args if isinstance(word, ast.Constant)]
            yield from ((node.lineno, f"the clock: {word!r}") for word in words if word in WORDS_FOR_NOW)


EXIT = re.compile(r"^(exit|quit|sys\.exit|os\._exit|os\.abort)$|(^|\.)ctx\.(exit|abort|fail)$")


def exits(module: Module) -> Iterator[tuple[int, str]]:
    yield from calls(module, EXIT)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Raise) and node.exc is not None and "SystemExit" in ast.unparse(node.exc):
            yield node.lineno, "raises SystemExit"
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            yield from ((node.lineno, "imports exit") for name in node.names if name.name == "exit")


def below_the_commands() -> tuple[Module, ...]:
    return tuple(module for module in modules() if module.room not in ("commands", "cli"))


def test_only_commands_read_the_clock() -> None:
    assert breaches(clock_reads, below_the_commands()) == []


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "dt.date.today()",
        "pd.Timestamp.now()",
        "pd.Timestamp('today')",
        "np.datetime64('now')",
        "time.time()",
        "from time import monotonic",
        "started = time.perf_counter",
    ],
)
def test_a_read_of_the_clock_is_found(text: str) -> None:
    assert breaches(clock_reads, (snippet(text),))


def test_nobody_below_the_commands_exits() -> None:
    assert breaches(exits, below_the_commands()) == []


@pytest.mark.parametrize(
    "text", ["sys.exit(3)", "raise SystemExit", "raise SystemExit(2)", "from sys import exit", "ctx.exit(3)"]
)
def test_an_exit_is_found(text: str) -> None:
    assert breaches(exits, (snippet(text),))


# Clinical numbers

def judges() -> tuple[Module, ...]:
    return tuple(module for module in modules() if module.room in ("criteria", "cohort", "results"))


def numbers(module: Module) -> Iterator[tuple[int, float]]:
    """Every number in the code but an index and those of an Example's story; a minus sign is read."""
    nodes = list(ast.walk(module.tree))
    indices = {id(node.slice) for node in nodes if isinstance(node, ast.Subscript)}
    signed = [node for node in nodes if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)]
    negatives = {id(node.operand) for node in signed}
    for node in children(module.tree, lambda node: called(node).split(".")[-1] == "Example"):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in indices:
            value = ast.literal_eval(node)
            yield node.lineno, -value if id(node) in negatives else value


def clinical_numbers(module: Module) -> Iterator[tuple[int, str]]:
    for line, value in numbers(module):
        if value not in INDICES and (module.path, value) not in NOT_CLINICAL:
            yield line, f"has the number {value}"


def test_clinical_numbers_stand_in_standards_alone() -> None:
    assert breaches(clinical_numbers, judges()) == []


def test_every_allowed_number_still_stands_where_it_is_allowed() -> None:
    standing = {(module.path, value) for module in judges() for _, value in numbers(module)}
    assert set(NOT_CLINICAL) <= standing


@pytest.mark.parametrize("text", ["late = days > 14", "add_months(first, 3)", "share = 0.5", "days - -7"])
def test_a_clinical_number_is_found(text: str) -> None:
    assert breaches(clinical_numbers, (snippet(text),))


def test_a_story_may_name_days() -> None:
    text = '''
"""Six doses in 14 days."""
first = Example("sixth on day 21", doses="0 2 21", run={"extract": 400}, expect="met")
row[5] + x[-1] + 2
'''
    assert breaches(clinical_numbers, (snippet(text),)) == []


# Files

DOORS = ("intake", "standards", "render", "engine", "nightly", "commands")
OPENERS = re.compile(
    r"(^|\.)(open|read_(text|bytes|csv|excel|parquet|json|table|feather|pickle)|write_(text|bytes|table)"
    r"|to_(csv|excel|parquet|json|pickle|feather)|load_workbook|ExcelWriter|mkdir|unlink|rename|replace_file|touch)$"
)


def file_accesses(module: Module) -> Iterator[tuple[int, str]]:
    yield from calls(module, OPENERS)


def test_files_are_touched_at_the_edges_only() -> None:
    assert breaches(file_accesses, tuple(module for module in modules() if module.room not in DOORS)) == []


@pytest.mark.parametrize("text", ["open(a)", "path.read_text()", "frame.to_csv(path)", "pd.read_excel(path)"])
def test_a_touched_file_is_found(text: str) -> None:
    assert breaches(file_accesses, (snippet(text),))


# Templates

UNESCAPED = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(", re.IGNORECASE)


def test_templates_escape_everything() -> None:
    templates = sorted((ROOT / "report_templates").rglob("*.html"))
    assert templates
    found = [path.name for path in templates if UNESCAPED.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("text", ["{{ name|safe }}", "{{ name | safe }}", "{% autoescape false %}"])
def test_an_unescaped_value_is_found(text: str) -> None:
    assert UNESCAPED.search(text)


# Size and names


def functions(module: Module) -> Iterator[tuple[str, int]]:
    """Each function's name and its lines, decorators left out."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield f"{module.path}:{node.lineno} {node.name}", last - node.lineno + 1


def test_functions_are_short(record_property: Callable[[str, object], None]) -> None:
    lengths = [length for module in modules() for length in functions(module)]
    median = statistics.median(length for _, length in lengths)
    record_property("median function length", median)
    assert [place for place, length in lengths if length > LONGEST_FUNCTION] == []
    assert median <= LONGEST_MEDIAN


def test_a_long_function_is_measured() -> None:
    text = "def long():\n" + "    x = 1\n" * LONGEST_FUNCTION
    assert [length for _, length in functions(snippet(text))] == [LONGEST_FUNCTION + 1]


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"common", "utils", "util", "helpers", "misc"}
    assert [module.path for module in modules() if Path(module.path).stem in drawers] == []
