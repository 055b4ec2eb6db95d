"""A zip archive is opened only when its names, sizes and flags are in order; its parts are read piece by piece."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Final

from audit.errors import AuditError
from audit.intake.extent import damaged
from audit.intake.file_refusals import incomplete, no_workbook, unsafe

_END, _END_SIZE = b"PK\x05\x06", 22
_ENCRYPTION_FLAGS = 0x1 | 0x40 | 0x2000
_MEGABYTE: Final = 2**20
MOST_UNPACKED: Final = 600 * _MEGABYTE
MOST_IN_A_PART: Final = 500 * _MEGABYTE
#: Real sheets compress about 13:1, bombs 295:1 and more; small parts may be anything.
MOST_RATIO: Final = 200
RATIO_FROM: Final = 10 * _MEGABYTE
MOST_PARTS: Final = 20_000
#: What the libraries raise on an archive that is not what it says it is.
BROKEN_ARCHIVE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError),
    *(struct.error, IndexError, OverflowError),
)


@contextmanager
def open_archive(content: bytes, file: str) -> Iterator[zipfile.ZipFile]:
    """A zip archive whose names, sizes and flags are in order; what breaks while it is open is a damaged file.

    Raises:
        InputRejected: two parts of one name, a name that leads out, an encrypted part, a bomb, damage.
        InputIncomplete: its end is missing.
    """
    end = content.rfind(_END)
    if end < 0 or end + _END_SIZE > len(content):
        raise incomplete(file)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check_list(archive.infolist(), file)
            yield archive
    except AuditError:
        raise
    except BROKEN_ARCHIVE as error:
        raise damaged(file, "a part of it does not match its check sum or its place in the archive") from error


def _check_list(parts: Sequence[zipfile.ZipInfo], file: str) -> None:
    if not parts or min(part.header_offset for part in parts) != 0:
        raise damaged(file, "something stands before the archive, or it is empty")
    names = [part.orig_filename for part in parts]
    if len({name.casefold() for name in names}) < len(names):
        raise damaged(file, "two of its parts have the same name")
    if any(_leads_out(name) for name in names):
        raise unsafe(file, "a part's name leads out of the archive")
    if any(part.flag_bits & _ENCRYPTION_FLAGS for part in parts):
        raise no_workbook("password", file)
    _check_sizes(parts, file)


def _leads_out(name: str) -> bool:
    plain = name.replace("\\", "/")
    return plain.startswith("/") or ":" in plain or "\0" in plain or ".." in plain.split("/")


def _check_sizes(parts: Sequence[zipfile.ZipInfo], file: str) -> None:
    packed_hard = [
        part
        for part in parts
        if part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1)
    ]
    too_large = max(part.file_size for part in parts) > MOST_IN_A_PART
    if packed_hard or too_large or len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise unsafe(file, "it would unpack to far more than a workbook holds (a zip bomb)", "ZIP_BOMB")


def read_parts(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part's bytes, a megabyte at a time; its check sum is compared at the end."""
    with archive.open(info) as part:
        while chunk := part.read(_MEGABYTE):
            yield chunk
