"""The gate of intake: an opened input passes it, without its strays, or is refused as identifiable."""

from __future__ import annotations

from dataclasses import replace

from audit.intake.asides import read_asides
from audit.intake.identity.check import check_identity
from audit.intake.identity.strays import without_strays
from audit.intake.own_files import check_no_report
from audit.intake.source import Source


def pass_gate(source: Source) -> Source:
    """The source with single strays replaced and warned of; its `workbook` stays as it was read.

    Raises:
        IdentifiableData: it looks identifiable.
        InputRejected: it is a report of this tool.
    """
    check_no_report(source.sheets, source.file, source.given)
    hidden = source.workbook.hidden if source.workbook else ()
    asides = read_asides(source.content, source.file) if source.content else ()
    beside = (*asides, *source.asides)
    findings = check_identity(source.sheets, source.file, hidden, beside, source.details, source.given)
    sheets = without_strays(source.sheets, findings)
    return replace(source, sheets=sheets, findings=(*source.findings, *findings))
