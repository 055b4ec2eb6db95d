"""Opens inputs: each is one practice, whether a workbook, one table, or a folder or zip of tables or FHIR resources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path, PurePosixPath

from audit.errors import InputIncomplete, InputRejected
from audit.intake.cells import Sheet
from audit.intake.delimited import ends_open, has_columns, read_delimited
from audit.intake.extract import Finding
from audit.intake.fhir.resources import FHIR, LINES, is_manifest
from audit.intake.file_kind import kind_of
from audit.intake.identity.beside import Aside
from audit.intake.identity.messages import safe_name
from audit.intake.own_files import check_no_run, is_fixes
from audit.intake.words import squash
from audit.intake.workbook import Workbook, open_workbook
from audit.intake.zip_parts import open_archive, read_parts

#: Files that hold one table each.
_TABLES = (".csv", ".tsv", ".parquet")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
#: Endings of files that are read, and of those that are looked for in a folder.
_LOOKED_FOR = (*_WORKBOOKS, *_TABLES, ".zip")
_READ = (*_LOOKED_FOR, *FHIR, ".txt")
#: The ending that each kind of workbook should have.
_ENDINGS = {"xlsx": (".xlsx", ".xlsm"), "xls": (".xls",), "xlsb": (".xlsb",), "ods": (".ods",)}


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one input, read once: its names, their digest, its sheets."""

    file: str
    practice: str
    sha256: str
    sheets: Sequence[Sheet]
    #: a single csv or Parquet file is the table of treatments whatever its name
    single: bool
    #: what is to be said of the files whatever they hold
    findings: tuple[Finding, ...] = ()
    #: the workbook and its bytes, when the input is one
    workbook: Workbook | None = None
    content: bytes = b""
    #: its files with their digests, when it is several
    parts: Mapping[str, str] = field(default_factory=dict)
    #: names of hidden sheets that are not read
    hidden: tuple[str, ...] = ()
    #: of FHIR what identifies somebody by its name there, and free texts, for the identity gate alone
    details: tuple[str, ...] = ()
    asides: tuple[Aside, ...] = ()
    #: where it stands, as it was typed
    given: Path | None = None

    @property
    def of_lines(self) -> bool:
        """Whether the rows were made from lines of other files: no shape of a sheet could need mending."""
        return any(sheet.places for sheet in self.sheets)


def inputs(paths: Iterable[Path]) -> list[Path]:
    """The inputs that the paths stand for, each one practice, without repeats.

    A folder with a Treatments.csv, .tsv or .parquet is one input, and so is one with .ndjson files, which are one bulk
    export; of any other folder each workbook, zip and table in it is one, by name; hidden files, the lock files of an
    open Excel and our own lists of fixes are passed over. Of a folder that holds folders alone each is taken likewise.

    Raises:
        InputRejected: a path does not exist, or a folder holds nothing to read.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        for one in _inside(path):
            found.setdefault(one.resolve(), one)
    return list(found.values())


def _inside(path: Path) -> list[Path]:
    if not path.exists():
        raise _unreadable(path, "NO_SUCH_FILE", "There is no such file or folder.", _near(path))
    check_no_run(path)
    if not path.is_dir() or _is_practice(path) or _files(path, (LINES,)):
        return [path]
    files = _files(path, _LOOKED_FOR)
    if not files:
        folders = sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith("."))
        # with nothing to read in any of them the folder itself is the mistake, else the one that has nothing
        if any(_files(one, (*_LOOKED_FOR, LINES)) for one in folders):
            return [found for one in folders for found in _inside(one)]
        what = "The folder holds no .xlsx or .csv file, nor any other that is read."
        raise _unreadable(path, "NOTHING_READABLE", what, "Name the folder or file that holds the extract.")
    return files


def _files(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    files = (file for file in folder.iterdir() if file.is_file() and not file.name.startswith((".", "~$")))
    return sorted(file for file in files if file.suffix.lower() in endings and not is_fixes(file))


def _is_practice(folder: Path) -> bool:
    return any(_is_treatments(file.name) for file in _files(folder, _TABLES))


def _is_treatments(name: str) -> bool:
    return squash(PurePosixPath(name).stem) == "treatments"


def _near(path: Path) -> str:
    """What to do about a name that nothing has: the nearest one in that folder that may be printed, if any is near."""
    beside = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    # most often it is the ending that was left out or mistaken
    same = [name for name in beside if PurePosixPath(name).stem == path.stem and not name.startswith((".", "~$"))]
    near = [*same, *get_close_matches(path.name, beside, 1)][:1]
    shown = [name for name in near if safe_name(name) == name]
    return f'Check the name. Did you mean "{path.with_name(shown[0])}"?' if shown else "Check the name."


def _unreadable(path: Path, code: str, what: str, remedy: str) -> InputRejected:
    return InputRejected(what, where=str(path), remedy=remedy, code=code)


def open_source(path: Path) -> Source:
    """Open one input of `inputs`.

    Raises:
        InputRejected: it cannot be opened, or its bytes are not what they should be.
        InputIncomplete: it is still being written, or was cut off.
    """
    return replace(_open(path), given=path)


def _open(path: Path) -> Source:
    if path.is_dir():
        return _open_folder(path)
    if not path.exists():
        raise _unreadable(path, "NO_SUCH_FILE", "There is no such file.", _near(path))
    ending = path.suffix.lower()
    if path.name.startswith("~$"):
        what = "The file is a marker that Excel keeps while it has the workbook of that name open."
        raise _unreadable(path, "OWNER_FILE", what, "Name the workbook itself, without ~$ before it.")
    if ending not in _READ:
        what = f"Files with the ending {ending or '(none)'} are not read."
        raise _unreadable(path, "FORMAT_NOT_READ", what, "Save it as an Excel workbook (.xlsx) or as csv.")
    return _open_content(path, _content(path), ending)


def together(sources: Sequence[Source], name: str = "") -> Source:
    """Several sources as one.

    Args:
        sources: at least one; the first gives the practice its name.
        name: of the folder that they stand in, which gives it instead.
    """
    hidden = tuple(sheet.name for source in sources if source.workbook for sheet in source.workbook.hidden)
    first = sources[0]
    if len(sources) == 1:
        return replace(first, hidden=hidden)
    parts = {source.file: source.sha256 for source in sources}
    file = name or " + ".join(parts)
    sheets = [sheet for source in sources for sheet in source.sheets]
    return Source(file, name or first.practice, _digest_of(parts), sheets, single=False, parts=parts, hidden=hidden)


def _digest(contents: Mapping[str, bytes]) -> str:
    """Of several files: that of their list as sha256sum would write it."""
    return _digest_of({file: sha256(content).hexdigest() for file, content in contents.items()})


def _digest_of(digests: Mapping[str, str]) -> str:
    listing = "".join(f"{digest}  {file}\n" for file, digest in digests.items())
    return sha256(listing.encode()).hexdigest()


def _open_content(path: Path, content: bytes, ending: str) -> Source:
    digest, kind = sha256(content).hexdigest(), kind_of(content)
    if ending == ".zip" and kind == "zip":
        return _open_zip(path, content)
    if ending in FHIR:
        return _open_fhir((path.name, path.stem), digest, {path.name: content})
    if ending in (*_TABLES, ".txt") or (kind == "text" and has_columns(content)):
        sheet = _table(content, path.name)
        notes = (*_notes(content, path.name), *_wrong_ending(path, kind, ending))
        return Source(path.name, path.stem, digest, [sheet], single=True, findings=notes)
    book = open_workbook(content, path.name)
    notes = (*_wrong_ending(path, kind, ending), *_open_elsewhere(path))
    return Source(path.name, path.stem, digest, book.sheets, False, notes, book, content)


def _table(content: bytes, file: str) -> Sheet:
    """The only table of a csv, tsv or Parquet file, whatever the file's name says."""
    if kind_of(content) == "parquet" or file.lower().endswith(".parquet"):
        from audit.intake.parquet import read_parquet  # noqa: PLC0415  # few inputs need pyarrow

        return read_parquet(content, file)
    return read_delimited(content, file)


def _open_fhir(names: tuple[str, str], digest: str, contents: Mapping[str, bytes]) -> Source:
    """The files of one bulk export, or one Bundle."""
    from audit.intake.fhir.read import read_fhir  # noqa: PLC0415  # few inputs need it

    file, practice = names
    read = read_fhir(contents, file)
    return Source(
        file, practice, digest, read.sheets, False, read.findings, details=read.details, asides=read.asides
    )


def _of_fhir(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files with resources, and the manifest; other .json files may stand beside them."""
    lines = {name: content for name, content in contents.items() if name.lower().endswith(LINES)}
    others = {name: content for name, content in contents.items() if name not in lines and is_manifest(content)}
    return lines | others


def _open_folder(folder: Path) -> Source:
    if _files(folder, (LINES,)):
        if _is_practice(folder):
            what = "The folder holds FHIR resources (.ndjson), and tables as well: which is meant cannot be told."
            raise _unreadable(folder, "TWO_FORMATS", what, "Move one of them to a folder of its own.")
        contents = _of_fhir({file.name: _content(file) for file in _files(folder, FHIR)})
        name = folder.resolve().name
        return _open_fhir((name, name), _digest(contents), contents)
    if not _is_practice(folder):
        what = "The folder holds no Treatments.csv."
        raise _unreadable(folder, "NO_TREATMENTS_SHEET", what, "Name the csv files as the sheets.")
    name = folder.resolve().name
    contents = {file.name: _content(file) for file in _files(folder, _TABLES)}
    return _open_tables(name, name, _digest(contents), contents)


def _open_zip(path: Path, content: bytes) -> Source:
    """A zip of tables is read as a folder of them; folders inside it do not matter."""
    with open_archive(content, path.name) as archive:
        # every part is unpacked, so that every check sum is compared
        parts = {info.filename: b"".join(read_parts(archive, info)) for info in archive.infolist()}
    wanted = {name: part for name, part in parts.items() if _is_read(name, _TABLES)}
    of_fhir = not wanted
    if of_fhir:
        wanted = _of_fhir({name: part for name, part in parts.items() if _is_read(name, FHIR)})
    contents = {PurePosixPath(name).name: part for name, part in sorted(wanted.items())}
    if not wanted or len(contents) < len(wanted):
        what = "The zip archive holds no csv, Parquet or NDJSON file, or two of one name; workbooks in it are not read."
        raise _unreadable(path, "NOTHING_READABLE", what, "Unpack it, and name the folder or file with the extract.")
    digest = sha256(content).hexdigest()
    if of_fhir:
        return _open_fhir((path.name, path.stem), digest, contents)
    return _open_tables(path.name, path.stem, digest, contents)


def _is_read(name: str, endings: tuple[str, ...]) -> bool:
    parts = PurePosixPath(name).parts
    return name.lower().endswith(endings) and not any(part.startswith((".", "__", "~$")) for part in parts)


def _open_tables(file: str, practice: str, digest: str, contents: Mapping[str, bytes]) -> Source:
    single = len(contents) == 1 and not any(map(_is_treatments, contents))
    names = {name: f"{practice}/{name}" for name in contents}
    sheets = [_table(content, names[name]) for name, content in contents.items()]
    notes = tuple(note for name, content in contents.items() for note in _notes(content, names[name]))
    return Source(file, practice, digest, sheets, single, notes)


def _content(path: Path) -> bytes:
    try:
        before = path.stat()
        content = path.read_bytes()
        after = path.stat()
    except OSError as error:
        what = "The file cannot be opened; another program may hold it, or you may not read it."
        raise _unreadable(path, "CANNOT_OPEN", what, "Close it elsewhere, or copy it.") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
        raise InputIncomplete(
            "The file changed while it was read: it is still being written or copied.",
            where=str(path),
            remedy="Wait until that is done, and run it again.",
            code="STILL_CHANGING",
        )
    return content


# --- what is to be said of a file


def _notes(content: bytes, file: str) -> list[Finding]:
    if kind_of(content) != "text" or not ends_open(content):
        return []
    message = "The last line has no end: if the file was cut off there, rows are missing."
    return [Finding("warning", "LAST_LINE_OPEN", message, file)]


def _wrong_ending(path: Path, kind: str, ending: str) -> list[Finding]:
    """The file is read by what it holds; its name says something else."""
    out = []
    if kind == "text" and ending in _WORKBOOKS:
        message = f"The file is csv with the name of a workbook ({ending}); it is read as csv."
        out.append(Finding("warning", "WRONG_ENDING", message, path.name))
    if kind in _ENDINGS and ending not in _ENDINGS[kind]:
        message = f"The file is a workbook of the format {_ENDINGS[kind][0]} with the ending {ending}; it is read so."
        out.append(Finding("warning", "WRONG_ENDING", message, path.name))
    if kind == "xls":
        message = "The old format .xls has no check sums, so damage to the file cannot be noticed; .xlsx has them."
        out.append(Finding("note", "NO_CHECK_SUMS", message, path.name))
    return out


def _open_elsewhere(path: Path) -> list[Finding]:
    if not path.with_name(f"~${path.name}").exists():
        return []
    message = "Someone has the workbook open in Excel: what was changed since it was last saved is not read."
    return [Finding("warning", "INPUT_OPEN", message, path.name)]
