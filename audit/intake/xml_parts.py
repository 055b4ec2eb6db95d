"""XML parts of a workbook: none may declare a document type, and all are in the character set that readers expect."""

from __future__ import annotations

import re
import zipfile
from xml.etree.ElementTree import Element, ParseError
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from defusedxml.expatreader import DefusedExpatParser

from audit.intake.extent import damaged
from audit.intake.file_kind import BOM_16
from audit.intake.file_refusals import SAVE_AS, unsafe

#: An XML part's first element starts within so many bytes.
_PROLOG = 2**20
_XML_NAMES = (".xml", ".rels", ".vml")
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']+)""")
_DECLARES = "a part of it declares a document type or an entity"


class _FirstElement(Exception):
    """No error: what was looked for."""


class _Prolog(ContentHandler):
    def startElement(self, name: str, attrs: object) -> None:
        raise _FirstElement


def is_xml(name: str, first: bytes) -> bool:
    """Its name or its first bytes say so."""
    if name.casefold().endswith(_XML_NAMES):
        return True
    return first[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<"))


def check_prolog(first: bytes, name: str, file: str) -> None:
    """Only before its first element can an XML part declare a document type, and with it entities."""
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setContentHandler(_Prolog())
    try:
        parser.feed(first[:_PROLOG])
    except _FirstElement:
        return _check_encoding(first, name, file)
    except DefusedXmlException as error:
        raise unsafe(file, _DECLARES, "XML_ENTITIES") from error
    except SAXParseException as error:
        raise damaged(file, "a part of it is not the XML that its name says") from error
    raise damaged(file, "a part of it is not the XML that its name says")


def _check_encoding(first: bytes, name: str, file: str) -> None:
    """The readers take the parts of a workbook as UTF-8, whatever they declare."""
    declared = _DECLARED.match(first[:512].removeprefix(b"\xef\xbb\xbf"))
    other = declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
    if (other or first.startswith(BOM_16)) and not name.casefold().startswith(("customxml/", "docprops/")):
        raise damaged(file, "a part of it is not in the character set UTF-8", SAVE_AS)


def parsed(archive: zipfile.ZipFile, name: str, file: str) -> Element:
    """The root of a part, parsed without document types."""
    try:
        root: Element = fromstring(archive.read(name), forbid_dtd=True)
    except DefusedXmlException as error:
        raise unsafe(file, _DECLARES, "XML_ENTITIES") from error
    except ParseError as error:
        raise damaged(file, "a part of it is not the XML that its name says") from error
    return root


def local_name(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rsplit("}", 1)[-1]
