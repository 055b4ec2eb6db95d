"""FHIR R4 in: resources become the sheets that a workbook would have, each row with its file and line."""
