"""Is a compound file, the container of .xls, whole? Its sectors and the tables of them are counted."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from audit.intake.extent import damaged
from audit.intake.file_refusals import incomplete
from audit.intake.records import check_xls

_OLE_HEAD, _OLE_SHIFTS = 512, (9, 12)


def check_compound(content: bytes, file: str) -> None:
    """A compound file is made of sectors, and each that its tables name must be inside."""
    size = _sector_size(content)
    if not size:
        raise damaged(file, "it is not an Excel workbook of the format that it begins as")
    check_xls(content, size, file)


def check_compound_end(content: bytes, file: str) -> None:
    """No sector in use, and no table of sectors, may stand behind the end."""
    head, size = content.ljust(_OLE_HEAD, b"\0"), _sector_size(content)
    if not size:
        return
    tables = struct.unpack_from("<109I", head, 76)[: struct.unpack_from("<I", head, 44)[0]]
    inside = -(-len(content) // size) - 1
    if any((number + 2) * size > len(content) for number in tables) or _last_used(content, tables, size) >= inside:
        raise incomplete(file)


def _sector_size(content: bytes) -> int:
    """2 to the power of the number at byte 30; 0 when that is no size that there is."""
    shift = struct.unpack_from("<H", content.ljust(_OLE_HEAD, b"\0"), 30)[0]
    return 1 << shift if shift in _OLE_SHIFTS else 0


def _last_used(content: bytes, tables: Sequence[int], size: int) -> int:
    """The last sector in use, as the tables of sectors say; free ones are 0xFFFFFFFF."""
    free, used, each = 0xFFFFFFFF, 0, size // 4
    for place, number in enumerate(tables):
        entries = struct.unpack_from(f"<{each}I", content, (number + 1) * size)
        used = max([used, *(place * each + at for at, entry in enumerate(entries) if entry != free)])
    return used
