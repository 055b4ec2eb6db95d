"""How to have a machine run the audit every night: the text of a timer, for three kinds of machine."""

from __future__ import annotations

import shlex
from pathlib import Path, PureWindowsPath
from typing import Final
from xml.sax.saxutils import escape

KINDS: Final = ("systemd", "cron", "windows")


def schedule_lines(kind: str, program: Path, config: Path, hour: int, minute: int) -> list[str]:
    """What to put where, ready to paste.

    Args:
        kind: one of KINDS.
        program: the b12audit that is to run.
        config: the site.toml, absolute.
        hour: of the local day.
        minute: of the hour.
    """
    at = f"{hour:02}:{minute:02}"
    if kind == "windows":
        return _windows(program, config, at)
    command = shlex.join([str(program), "nightly", "--config", str(config)])
    if kind == "cron":
        return ["# add this line with  crontab -e", f"{minute} {hour} * * * {command.replace('%', chr(92) + '%')}"]
    return _systemd(command, at)


def _systemd(command: str, at: str) -> list[str]:
    # in a unit file % begins a specifier
    return [
        "# ~/.config/systemd/user/b12audit.service",
        "[Unit]",
        "Description=Nightly audit of vitamin B12 injections",
        "[Service]",
        "Type=oneshot",
        f"ExecStart={command.replace('%', '%%')}",
        "UMask=0077",
        "Nice=10",
        "",
        "# ~/.config/systemd/user/b12audit.timer",
        "[Unit]",
        "Description=Every night",
        "[Timer]",
        f"OnCalendar=*-*-* {at}:00",
        "Persistent=true",
        "[Install]",
        "WantedBy=timers.target",
        "",
        "# then: systemctl --user daemon-reload && systemctl --user enable --now b12audit.timer",
    ]


def _windows(program: Path, config: Path, at: str) -> list[str]:
    arguments = f'nightly --config "{PureWindowsPath(config)}"'
    return [
        "<!-- save as b12audit.xml, then: schtasks /Create /TN b12audit /XML b12audit.xml -->",
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
        "  <Triggers><CalendarTrigger>",
        f"    <StartBoundary>2000-01-01T{at}:00</StartBoundary>",
        "    <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>",
        "  </CalendarTrigger></Triggers>",
        "  <Settings><StartWhenAvailable>true</StartWhenAvailable>"
        "<MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy></Settings>",
        f"  <Actions><Exec><Command>{escape(str(PureWindowsPath(program)))}</Command>"
        f"<Arguments>{escape(arguments)}</Arguments></Exec></Actions>",
        "</Task>",
    ]
