"""Pseudonyms: a keyed code in place of a patient's number, the same in every file and month under the same key.

A plain hash would be undone in minutes, as there are fewer than a thousand million numbers. The key stays with the
practice; with it, and a list of numbers, the pseudonyms can be found again, so it is kept apart from the data.
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Final

from audit.errors import CannotWrite, UsageError
from audit.intake.cells import Cell, text
from audit.intake.identifiers import is_issued, pass_check
from audit.intake.words import BLANK_WORDS

_KEY_BYTES, _PSEUDONYM_BYTES = 32, 10
_PREFIX: Final = "P-"
_KEY = re.compile(r"[0-9a-f]{64}")


# --- the key file


def make_key(path: Path, data: Iterable[Path]) -> bytes:
    """Make a new key file, which only its owner may read.

    Args:
        path: where; nothing is overwritten.
        data: files and folders of patients' data: who has them should not have the key with them.

    Returns:
        The key, 32 bytes.

    Raises:
        CannotWrite: something stands there, or it cannot be written.
        UsageError: it would stand beside the data.
    """
    if any(_beside(path, one) for one in data):
        raise UsageError(
            "The key would stand in the folder of the data: who gets the folder could undo the pseudonyms.",
            where=str(path),
            remedy="Name a place elsewhere, for example --key-file ~/b12audit-key/practice.key",
            code="KEY_BESIDE_DATA",
        )
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii", newline="") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        remedy = "Leave out --new-key to use it; with another key the same patients get other pseudonyms."
        raise CannotWrite("There is a key file already.", where=str(path), remedy=remedy, code="KEY_EXISTS") from error
    except OSError as error:
        what = f"The key file cannot be written ({error.strerror or type(error).__name__})."
        raise CannotWrite(what, where=str(path), remedy="Name another place.", code="CANNOT_WRITE") from error
    return key


def _beside(path: Path, data: Path) -> bool:
    """Whether a key would be found with the data: in the same folder as a file, or inside a folder."""
    key, place = path.resolve(), data.resolve()
    is_folder = place.is_dir() or not place.suffix
    return key.is_relative_to(place) if is_folder else key.parent == place.parent


def read_key(path: Path) -> bytes:
    """The key of a key file, 32 bytes.

    Raises:
        UsageError: there is none, or it is not a key.
    """
    try:
        typed = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        remedy = "Check the name; for the first time, add --new-key to make one, and keep it safe."
        raise UsageError("There is no such key file.", where=str(path), remedy=remedy, code="NO_KEY") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _no_key(path) from error
    if _KEY.fullmatch(typed) is None:
        raise _no_key(path)
    return bytes.fromhex(typed)


def _no_key(path: Path) -> UsageError:
    what = "The file is not a key file, or cannot be read."
    return UsageError(what, where=str(path), remedy="Name the file that --new-key made.", code="NOT_A_KEY")


# --- ids and their pseudonyms


#: Whose ids they are, the best first: number is that of the NHS, CHI or H&C.
KINDS: Final = ("number", "own", "emis", "hospital")


def normalised(cell: Cell, kind: str) -> str:
    """A patient's id with its kind, so that the same one is the same however it is typed; "" for a blank.

    Args:
        cell: as it stands in the sheet.
        kind: the column's, one of `KINDS`.
    """
    typed = " ".join(unicodedata.normalize("NFKC", text(cell)).casefold().split())
    if typed in BLANK_WORDS:
        return ""
    if kind == "number":
        typed = _digits(typed)
        # a spreadsheet drops the zero that a CHI number may begin with
        if re.fullmatch(r"[0-9]{9}", typed) and is_issued(f"0{typed}"):
            typed = f"0{typed}"
    return f"{kind}:{typed}"


def _digits(typed: str) -> str:
    return re.sub(r"[ -]|^nhs(?: ?(?:no|number))?[.:]? ?", "", typed)


def is_number(digits: str) -> bool:
    """Whether a text is ten digits that pass the check of NHS, CHI and H&C numbers."""
    return re.fullmatch(r"[0-9]{10}", digits) is not None and bool(pass_check([digits])[0])


def pseudonym(key: bytes, id_: str) -> str:
    """The pseudonym of a normalised id: the first 80 bits of its HMAC-SHA-256, in base32 after a prefix.

    A number that passes the check is the same under any heading; so files differ in headings, not in pseudonyms.
    """
    digits = _digits(id_.partition(":")[2])
    known = f"number:{digits}" if is_number(digits) else id_
    code = hmac.new(key, known.encode(), sha256).digest()[:_PSEUDONYM_BYTES]
    return _PREFIX + base64.b32encode(code).decode("ascii")
