"""One audit as the commands make it: what was asked, what was judged, and what is written of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit.commands.inputs import Taken, take, told
from audit.commands.noted import noted
from audit.commands.parameters import INPUTS, Given, inputs_of, standard_named
from audit.commands.previous import compare_with_previous, previous_hashes
from audit.commands.progress import stage
from audit.commands.reporting import say
from audit.errors import COMPLETE, PARTIAL, THRESHOLD_MISSED

if TYPE_CHECKING:
    from audit.cohort.window import DateOptions
    from audit.intake.extract import Extract
    from audit.intake.read import Practice
    from audit.render.tables import Format
    from audit.render.write import Beside
    from audit.results.audit import AuditResult
    from audit.results.forecast import Inputs
    from audit.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of an audit as typed; `unattended`: nobody looks on, and an incomplete input is waited for."""

    given: Given
    inputs: Inputs
    out: Path | None = None
    standard: str = "national"
    compare: tuple[str, ...] = ()
    fail_under: tuple[str, ...] = ()
    save_map: Path | None = None
    previous: Path | None = None
    notes: Path | None = None
    no_archive: bool = False
    form: Format = "csv"
    force: bool = False
    quiet: bool = False
    engine: str = "auto"
    workers: int | None = None
    master: str | None = None
    unattended: bool = False

    @classmethod
    def of(cls, options: dict[str, Any]) -> Asked:
        """Sorts what is read, and what an injection takes, from the rest."""
        given = Given.of(options)
        inputs = inputs_of({name: options.pop(name) for name in INPUTS})
        return cls(given=given, inputs=inputs, **options)

    def told(self) -> dict[str, str]:
        """The options as the report names them; standards' files without their folder, which no report should tell."""
        others = ",".join(Path(name).name for name in self.compare)
        compared = {"compare": others} if others else {}
        archive = {"no-archive": ""} if self.no_archive else {}
        earlier = {"previous": self.previous.resolve().name} if self.previous else {}
        named = {"standard": Path(self.standard).name, **compared, **self.given.manner(), **archive, **earlier}
        return {**self.given.days(), **named, "format": self.form, **self.inputs.told()}


@dataclass(frozen=True, slots=True)
class Audited:
    """What was judged, where it is to stand, and the thresholds that were missed.

    Attributes:
        identities: of every standard that was used.
    """

    asked: Asked
    result: AuditResult
    target: Path
    beside: Beside
    identities: str
    late: tuple[str, ...]
    started: datetime

    @property
    def exit_code(self) -> int:
        """Of a run that ends well."""
        return PARTIAL if self.result.partial else THRESHOLD_MISSED if self.late else COMPLETE

    def run_ids(self) -> list[str]:
        """The identity to write under, and any other that an equal report may stand under already."""
        from audit.render.write import run_id  # noqa: PLC0415 - heavy imports wait

        inputs = {window.file: window.sha256 for window in self.result.windows}
        hashes = previous_hashes(self.beside.previous, self.target)
        notes = self.beside.notes
        return [run_id(inputs, self.asked.told(), self.identities, one, notes) for one in hashes]


def judge(asked: Asked) -> Audited:
    """Reads and judges everything that was asked; writes nothing but the map of headings.

    Raises:
        AuditError: of any kind.
    """
    from audit.cohort.window import DateOptions  # noqa: PLC0415 - heavy imports wait
    from audit.criteria import judged_by  # noqa: PLC0415
    from audit.results.thresholds import missed, parse_thresholds  # noqa: PLC0415

    started = datetime.now(UTC)
    chosen, *others = (standard_named(name) for name in (asked.standard, *asked.compare))
    thresholds = parse_thresholds(asked.fail_under, [criterion.code for criterion in judged_by(chosen)])
    _say_outlook(asked)
    with stage("Reading and validating", quiet=asked.quiet):
        taken = take(asked.given, lambda practice, given: _read(practice, given, asked.quiet), asked.unattended)
    extracts = [extract for _, extract in taken.read]
    _save_map(extracts, asked)
    dates = DateOptions(**asked.given.dates)
    with stage("Judging", quiet=asked.quiet):
        result, beside, target = _judged(asked, taken, dates, (chosen, *others), started)
    identities = " ".join(item.identity for item in (chosen, *others))
    return Audited(asked, result, target, beside, identities, tuple(missed(result.scores, thresholds)), started)


def _judged(
    asked: Asked, taken: Taken[Extract], dates: DateOptions, standards: tuple[Standard, ...], started: datetime
) -> tuple[AuditResult, Beside, Path]:
    """The result, what stands beside it, and where it goes."""
    from audit.pipeline import audit  # noqa: PLC0415 - heavy imports wait
    from audit.render.write import Beside  # noqa: PLC0415
    from audit.results.compare_standards import compare_standards  # noqa: PLC0415

    extracts = [extract for _, extract in taken.read]
    today = started.astimezone().date()
    result = audit(extracts, dates, standards[0], today, partial=taken.partial, inputs=asked.inputs)
    compared = compare_standards(extracts, dates, standards, today) if len(standards) > 1 else None
    target = asked.out or _beside(asked.given.files[0], result)
    previous = compare_with_previous(result, target, asked.previous, today)
    notes, standing = noted(target, asked.notes, asked.previous, previous)
    archived = () if asked.no_archive else tuple(extracts)
    return result, Beside(compared, previous, archived, notes, standing), target


def write(audited: Audited) -> bool:
    """Writes the report unless it stands there already for exactly this run; whether it did.

    Raises:
        CannotWrite: what stood there before still stands.
    """
    from audit.render.folder import check_place, finished  # noqa: PLC0415 - heavy imports wait
    from audit.render.write import write_output  # noqa: PLC0415

    asked, target = audited.asked, audited.target
    identity, *others = audited.run_ids()
    check_place(target)
    if not asked.force and any(finished(target, one) for one in (identity, *others)):
        return True
    options, stamp = asked.told(), audited.started.isoformat(timespec="seconds")
    with stage("Writing the report", quiet=asked.quiet):
        write_output(
            audited.result, target, identity=identity, options=options, started_at=stamp, form=asked.form,
            beside=audited.beside,
        )  # fmt: skip
    return False


def _read(practice: Practice, given: Given, quiet: bool) -> Extract:
    from audit.intake.read import read_extract  # noqa: PLC0415 - heavy imports wait

    extract = read_extract(practice, given.fill_down, given.mapping)
    return extract if quiet else told(practice, extract)


def _say_outlook(asked: Asked) -> None:
    """Says beforehand that a run will be long, or that memory is tight."""
    from audit.intake.memory import free_memory, need_of, outlook  # noqa: PLC0415 - heavy imports wait

    for line in () if asked.quiet else outlook(need_of(asked.given.files), free_memory()):
        say(line)


def _save_map(extracts: list[Extract], asked: Asked) -> None:
    """Saves what was read as what, where that is asked for."""
    if asked.save_map is None:
        return
    from audit.render.heading_map import save_map, used_headings  # noqa: PLC0415 - heavy imports wait

    save_map(asked.save_map, used_headings(extracts, asked.given.mapping))
    say(f"Saved the headings in {asked.save_map}; next time:  --map {asked.save_map}")


def _beside(first: Path, result: AuditResult) -> Path:
    stem = first.resolve().name if first.is_dir() else first.stem
    latest = max(window.extract_date for window in result.windows)
    return first.parent / f"{stem}-b12audit-{latest.isoformat()}"
