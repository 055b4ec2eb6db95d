"""Text of an .xlsx package that stands in no cell, and that no reader of cells shows: comments, properties, caches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from audit.intake.extent import damaged
from audit.intake.file_kind import kind_of
from audit.intake.identity.beside import Aside
from audit.intake.zip_parts import open_archive

#: Names of parts, what messages call them, and whether one hit is enough.
_PARTS: Final = (
    (re.compile(r"xl/.*comment.*\.xml"), "a comment", True),
    (re.compile(r"xl/drawings/[^/]+\.xml"), "a text box", False),
    (re.compile(r"xl/pivotcache/[^/]+\.xml"), "the saved data of a pivot table", False),
    (re.compile(r"xl/externallinks/[^/]+\.xml"), "the saved data of a linked workbook", False),
    (re.compile(r"xl/worksheets/_rels/[^/]+\.rels"), "a link", False),
    (re.compile(r"docprops/[^/]+\.xml"), "the properties of the file", False),
)
#: Elements whose text is cut in pieces by its formats.
_WHOLE: Final = ("comment", "threadedComment", "p")
_ATTRIBUTES: Final = ("v", "Target", "title", "descr")


def read_asides(content: bytes, file: str) -> tuple[Aside, ...]:
    """The text beside the cells of an .xlsx file that preflight has passed; of other formats nothing.

    Raises:
        InputRejected: a part is not well-formed.
    """
    if kind_of(content) != "xlsx":
        return ()
    with open_archive(content, file) as archive:
        asides = []
        for part in archive.namelist():
            for pattern, place, strict in _PARTS:
                if pattern.fullmatch(part.casefold()):
                    texts = dict.fromkeys(_texts(_root(archive.read(part), file)))
                    asides.append(Aside(place, "\n".join(texts), strict))
    return tuple(asides)


def _root(content: bytes, file: str) -> Element:
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException) as error:
        raise damaged(file, "one of its parts is not well-formed") from error
    return root


def _texts(root: Element) -> Iterator[str]:
    for element in root.iter():
        if element.tag.rpartition("}")[2] in _WHOLE:
            yield "".join(element.itertext())
        elif element.text:
            yield element.text
        yield from (element.attrib[name].removeprefix("mailto:") for name in _ATTRIBUTES if name in element.attrib)
