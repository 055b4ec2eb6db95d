"""What ships is exactly what the project tracks in its four packages; an installed wheel works anywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Sequence
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest

import audit

PACKAGES = ("audit", "schemas", "report_templates", "sample_data")
BESIDE = ("pyproject.toml", "README.md", "LICENSE")
STRAYS = (
    "sample_data/real_patients.xlsx",
    "sample_data/records.xlsx.bak",
    "sample_data/~$records.xlsx",
    "sample_data/march/records.xlsx",
    "sample_data/march/README.md",
    "report_templates/practice.html",
    "report_templates/practice.svg",
    "schemas/verdicts.csv",
    "audit/intake/extract.parquet",
    "audit/standards/notes.txt",
)
SCRIPTS = Path("Scripts" if os.name == "nt" else "bin")


def run(*command: str | Path, cwd: Path) -> str:
    """What the command prints; its whole output when it fails. A path of the developer's own leads nowhere here."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def build(source: Path, out: Path, kind: str) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out, cwd=source)
    (made,) = out.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return made


def listing(archive: Path) -> list[str]:
    """The files of a wheel but its own records, or of a source archive below its one folder."""
    if archive.suffix == ".whl":
        names = zipfile.ZipFile(archive).namelist()
        return sorted(name for name in names if ".dist-info/" not in name)
    with tarfile.open(archive) as tar:
        return sorted(name.partition("/")[2] for name in tar.getnames())


def tracked(root: Path) -> list[str]:
    """The packages' files: what git tracks or would track; without git, all but caches."""
    if (root / ".git").exists():
        query = ["ls-files", "--cached", "--others", "--exclude-standard", "--", *PACKAGES]
        names = run("git", *query, cwd=root).splitlines()
        return sorted({name for name in names if (root / name).is_file()})
    paths = [path for package in PACKAGES for path in (root / package).rglob("*")]
    return sorted(
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts
    )


@pytest.fixture(scope="module")
def tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's sources without .gitignore: what ships must not rest on git's rules."""
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(root / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        shutil.copy(root / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tree, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode("utf-8"))


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


# The listing


def test_the_wheel_holds_exactly_the_tracked_files(root: Path, wheel: Path) -> None:
    assert listing(wheel) == tracked(root)


def test_every_named_file_is_there(root: Path, project: dict[str, Any]) -> None:
    names = [name for name in project["tool"]["hatch"]["build"]["include"] if "*" not in name]
    assert [name for name in names if not (root / name.removeprefix("/")).is_file()] == []


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_stray_file_never_ships(kind: str, tree: Path, tmp_path: Path) -> None:
    untouched = listing(build(tree, tmp_path / "before", kind))
    planted = tmp_path / "tree"
    shutil.copytree(tree, planted)
    for name in STRAYS:
        (planted / name).parent.mkdir(exist_ok=True)
        (planted / name).write_text("patient", encoding="utf-8")
    assert listing(build(planted, tmp_path / "after", kind)) == untouched


def test_git_never_adds_a_table_by_accident(root: Path, tmp_path: Path) -> None:
    shutil.copy(root / ".gitignore", tmp_path)
    run("git", "init", "--quiet", cwd=tmp_path)
    tables = [name for name in STRAYS if name.endswith((".xlsx", ".csv", ".parquet"))]
    names = ["sample_data/records.xlsx", *tables]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    seen = run("git", "ls-files", "--others", "--exclude-standard", cwd=tmp_path).splitlines()
    assert seen == [".gitignore", "sample_data/records.xlsx"]


def test_the_wheel_has_no_tests_and_one_main_module(wheel: Path) -> None:
    names = listing(wheel)
    assert [name for name in names if name.startswith("tests/")] == []
    assert [name for name in names if name.endswith("__main__.py")] == ["audit/__main__.py"]


def test_the_source_archive_holds_the_wheel_and_the_papers(tree: Path, wheel: Path, tmp_path: Path) -> None:
    archive = build(tree, tmp_path, "sdist")
    assert set(listing(archive)) - {"PKG-INFO"} == {*listing(wheel), *BESIDE}


def test_two_builds_are_byte_identical(tree: Path, wheel: Path, tmp_path: Path) -> None:
    assert build(tree, tmp_path, "wheel").read_bytes() == wheel.read_bytes()


# What the wheel says of itself


def test_the_wheel_names_its_version_python_and_licence(metadata: Message) -> None:
    assert metadata["Version"] == audit.__version__
    assert metadata["Requires-Python"] == "<3.14,>=3.11"
    assert metadata["License-Expression"] == "MIT"


def test_the_one_command_is_the_program(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert archive.read(name).decode().split() == ["[console_scripts]", "b12audit", "=", "audit.__main__:main"]


# The lock

PIN = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)


def pins(root: Path, name: str) -> dict[str, str]:
    text = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {package: version for package, version, _ in PIN.findall(text)}


def names_of(requirements: Sequence[str]) -> set[str]:
    """Names as an index compares them: "fhir.resources" is "fhir-resources"."""
    return {re.split(r"[^A-Za-z0-9.-]", requirement)[0].lower().replace(".", "-") for requirement in requirements}


@pytest.mark.parametrize("name", ["run", "build", "test"])
def test_a_lock_pins_by_hash_and_names_no_place(root: Path, name: str) -> None:
    text = (root / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    assert re.sub(r"\s*#.*", "", PIN.sub("", text)).split() == []
    assert pins(root, name)
    assert not re.search(r"https?:|file:|index-url|find-links|trusted-host", text)


def test_the_locks_cover_the_project_and_agree(root: Path, project: dict[str, Any]) -> None:
    run_pins, build_pins, test_pins = (pins(root, name) for name in ("run", "build", "test"))
    assert names_of(project["project"]["dependencies"]) <= run_pins.keys()
    assert names_of(project["project"]["optional-dependencies"]["test"]) <= test_pins.keys()
    assert names_of(project["build-system"]["requires"]) <= build_pins.keys()
    assert run_pins.items() | build_pins.items() <= test_pins.items()


# Installed


def environment(folder: Path, *options: str) -> Path:
    """A fresh virtual environment; its Python."""
    run(sys.executable, "-m", "venv", *options, folder, cwd=folder.parent)
    return folder / SCRIPTS / "python"


def assert_runs_anywhere(python: Path, sample: Path, elsewhere: Path) -> None:
    """The installed command makes a report of a workbook in a folder outside the project."""
    elsewhere.mkdir()
    shutil.copy(sample, elsewhere / "records.xlsx")
    command = python.parent / "b12audit"
    assert audit.__version__ in run(command, "--version", cwd=elsewhere)
    run(command, "run", "records.xlsx", "--out", "out", cwd=elsewhere)
    assert (elsewhere / "out" / "report.html").is_file()
    where = run(python, "-c", "import audit; print(audit.__file__)", cwd=elsewhere)
    assert Path(where.strip()).is_relative_to(python.parent.parent)


def test_the_installed_wheel_makes_a_report(wheel: Path, sample: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv", "--without-pip")
    pip: list[str | Path] = [sys.executable, "-m", "pip", "--python", python]
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=tmp_path)
    # The other packages are those of this environment: a plain path line reads no editable install with them.
    (packages,) = (tmp_path / "venv").rglob("site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    assert_runs_anywhere(python, sample, tmp_path / "elsewhere")


@pytest.mark.slow
def test_a_fresh_environment_from_the_lock_makes_a_report(root: Path, sample: Path, tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run_lock, build_lock = root / "requirements" / "run.txt", root / "requirements" / "build.txt"
    locked = [*pip, "--require-hashes", "--only-binary", ":all:"]
    run(*locked, "-r", run_lock, "-r", build_lock, cwd=tmp_path)
    run(*pip, "--no-build-isolation", "--no-deps", root, cwd=tmp_path)
    run(python, "-m", "pip", "check", cwd=tmp_path)
    assert_runs_anywhere(python, sample, tmp_path / "elsewhere")
