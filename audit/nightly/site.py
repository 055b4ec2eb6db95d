"""The settings of a site: site.toml, read and checked before anything else happens."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from audit.errors import UsageError

_HOUR, _DAY = 3_600, 86_400
_UNITS = {"s": 1, "m": 60, "h": _HOUR, "d": _DAY}


@dataclass(frozen=True, slots=True)
class Site:
    """What `b12audit nightly` is to do.

    Attributes:
        inbox: the folder (or file) that the export lands in. out: where report folders go. state: lock, history,
            status and log; inside `out` unless set.
        standard: name or file. keep_runs: how many report folders stay. steady_seconds: how long the inbox must not
            change before it is read. wait_minutes: how long to wait for that. most_minutes: when a night is stopped.
        warn_percent, hold_percent: by how much less than last time warns, and holds the report back.
        max_age_hours: older than this, `status` is an alarm.
        fail_under: criterion -> least per cent, as `run --fail-under`.
    """

    inbox: Path
    out: Path
    state: Path
    standard: str = "national"
    keep_runs: int = 30
    steady_seconds: int = 20
    wait_minutes: int = 30
    most_minutes: int = 240
    warn_percent: int = 20
    hold_percent: int = 50
    max_age_hours: int = 26
    fail_under: Mapping[str, float] = field(default_factory=dict)


_PATHS = ("inbox", "out", "state")
_NUMBERS = {
    "keep_runs": (1, 10_000),
    "steady_seconds": (0, _HOUR),
    "wait_minutes": (0, 1_440),
    "most_minutes": (1, 1_440),
    "warn_percent": (1, 100),
    "hold_percent": (1, 100),
    "max_age_hours": (1, 8_760),
}


def read_site(path: Path) -> Site:
    """Reads site.toml; its relative paths are beside it.

    Raises:
        UsageError: not there, not TOML, a key that is unknown, missing or out of bounds.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _refused(path, "There is no such file.", f"b12audit init --config {path}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, f"The file cannot be read as TOML ({type(error).__name__}).", "mend it") from error
    known = {item.name for item in fields(Site)}
    if strange := sorted(content.keys() - known):
        raise _refused(path, f"It has no setting {strange[0]}.", f"known are {', '.join(sorted(known))}")
    return _checked(path, content)


def _checked(path: Path, content: Mapping[str, Any]) -> Site:
    for name in ("inbox", "out"):
        if not isinstance(content.get(name), str) or not content[name]:
            raise _refused(path, f"The setting {name} is missing.", f'add a line  {name} = "folder"')
    for name, (least, most) in _NUMBERS.items():
        value = content.get(name, least)
        if type(value) is not int or not least <= value <= most:
            raise _refused(path, f"{name} must be a whole number from {least} to {most:,}.", "mend that line")
    if not isinstance(content.get("fail_under", {}), Mapping):
        raise _refused(path, "fail_under must be a table of criteria.", "write  [fail_under]  and a line for each")
    base = path.resolve().parent
    given = {name: base / content[name] for name in _PATHS if name in content}
    site = Site(**{"state": base / content["out"] / ".state", **content, **given})
    if site.warn_percent > site.hold_percent:
        raise _refused(path, "warn_percent is larger than hold_percent.", "warn earlier than you hold")
    if site.wait_minutes >= site.most_minutes:
        raise _refused(path, "A night would end while it waits.", "make most_minutes larger than wait_minutes")
    return site


def _refused(path: Path, what: str, remedy: str) -> UsageError:
    return UsageError(what, where=str(path), remedy=remedy, code="SITE_REFUSED")


def site_text(inbox: str, out: str, standard: str) -> str:
    """A new site.toml, with every setting explained."""
    usual = Site(Path(), Path(), Path())
    return f"""# What `b12audit nightly --config site.toml` does. Paths are relative to this file.

inbox = {_quoted(inbox)}      # the folder that exports land in: a file for each practice, or the lists of one
out = {_quoted(out)}        # report folders go here, one for each new export; latest.html leads to the newest
standard = {_quoted(standard)} # a name of `b12audit standards list`, or a file of your own

keep_runs = {usual.keep_runs}         # report folders to keep; older ones are removed, the history of scores stays
steady_seconds = {usual.steady_seconds}    # the inbox must not change for so long before it is read
wait_minutes = {usual.wait_minutes}      # how long to wait for that
most_minutes = {usual.most_minutes}     # a night that takes longer is stopped; the report of the night before stands
warn_percent = {usual.warn_percent}      # so much fewer rows or patients than last time is a warning
hold_percent = {usual.hold_percent}      # so much fewer holds the report back until somebody says --accept-drop
max_age_hours = {usual.max_age_hours}     # `b12audit status` is an alarm when the last good run is older

# [fail_under]           # end with exit code 8 when a smaller share meets a criterion
# maintenance-interval-neuro = 40
"""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def seconds_of(text: str) -> int:
    """An age such as 26h, 90m or 2d in seconds.

    Raises:
        ValueError: it is none.
    """
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdigit() or not int(number):
        raise ValueError(f'"{text}" is not an age; write a number and s, m, h or d, for example 26h')
    return int(number) * _UNITS[unit]
