"""FHIR R4 in: resources become the sheets that a workbook would have, and say from which line of which file they came."""
