"""What to do about each kind of finding, in plain words; a test holds this list to the kinds that can be raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from audit.intake.extract import Finding
from audit.intake.words import VOCABULARY

#: Kinds whose cell wants one of the words of its field.
_WANTS_WORDS: Final = ("EVENT_MISSING", "EVENT_UNREADABLE", "REVIEW_UNREADABLE", "VALUE_UNKNOWN")
_WHOLE_DATE: Final = "Type the whole date, day first, for example 13/03/2024."
#: By code.
REMEDIES: Final[Mapping[str, str]] = {
    "ABOUT_KEY_UNKNOWN": "Nothing, unless the key is mistyped: then correct it.",
    "AGE_NOT_USED": "Add a column year_of_birth.",
    "ASSEMBLED": "Nothing, if each list was taken for what it is; else export it with other headings.",
    "CELL_ERROR": "Type the value in place of the formula that fails.",
    "CHARACTER_SET": "Look whether letters with accents and the micro sign read right; if not, export as .xlsx.",
    "CODED_DRUG_NOT_USED": "Add the list of medication issues to the export.",
    "CODES_READ": "Nothing, if that is what the list should hold.",
    "CODE_B12_UNREAD": "Look what these entries say; give each the code that says it.",
    "CODE_DAMAGED": "Type the drug's name, or export the code as text: Excel has rounded it.",
    "CODE_LOST": "Look these entries up in the record and code them again, if they matter here.",
    "CODE_TERM_DIFFER": "Look which of the two is right, and correct the other.",
    "CODE_UNDATED": "Type the whole date, day first, for example 13/03/2024.",
    "CODE_UNREAD": "Nothing, unless one of these codes matters here: then see the codes in the data dictionary.",
    "COLUMN_NOT_USED": "Nothing, unless one of these columns is meant: then give it its heading.",
    "COLUMN_WITHOUT_VALUES": "Delete the column if it was not filled in; left there it says something else.",
    "CONTRACT_BROKEN": "Look at the row. If nothing is wrong there, it is a fault of this program: please report it.",
    "CYANIDE_ANTIDOTE": "Nothing, unless the dose or route is mistyped: then correct it.",
    "DATE_MISSING": _WHOLE_DATE,
    "DATE_ORDER_DOUBTFUL": "Look at the dates whose day is 12 or less: a spreadsheet program may have "
    "exchanged day and month.",
    "DATE_SERIAL": "Nothing, if the dates are right; to see them as dates, format the column as a date.",
    "DATE_UNREADABLE": _WHOLE_DATE,
    "DIRECTIONS_UNREAD": 'Write the interval into the directions, for example "every 3 months", where there is one.',
    "DOSE_UNREADABLE": 'Type the dose with its unit, for example "1 mg" or "1000 micrograms".',
    "DRUG_MISSING": "Type the drug as the clinical system prints it.",
    "DRUG_NOT_USED": "Nothing, unless it is a vitamin B12 under another name: then type the usual name.",
    "DRUG_UNREADABLE": "Type the drug's name as the clinical system prints it.",
    "DUPLICATE_EVENT": "Nothing, if the row was exported twice; if there were two, let something tell them apart.",
    "EVENTS_REPEATED": "Nothing, if breakdowns were merged into one report.",
    "EVENT_AFTER_END": "Nothing, unless the date, or the patient's last day with the practice, is wrong.",
    "EVENT_ASSUMED_ISSUED": "Add a column event that says of each row whether it was given or only issued.",
    "EVENT_MISSING": "Type what happened.",
    "EVENT_UNREADABLE": "Type what happened in one of the words that are read.",
    "EXTRACT_DATE_ASSUMED": "Say the last day that the extract covers: --extract-date, or the About sheet.",
    "EXTRACT_DATE_OF_REPORT": "Nothing, if that is the last day the file covers; else use --extract-date.",
    "FHIR_DATE_RECORDED": "Nothing, if these days are near enough; else record the day of onset or of the sample.",
    "FHIR_NOT_DONE": "Look why they were not done, and record a refusal or a deferral as such.",
    "FHIR_NOT_IN_FORCE": "Nothing, unless their status is wrong: then correct it in the record.",
    "FHIR_NOT_READ": "Nothing, unless one of these types holds injections: then ask for it as one that is read.",
    "FHIR_PLAN": "Nothing, if the issues are in the export as orders.",
    "FHIR_SINCE": "Export everything, without a starting day.",
    "FHIR_STATEMENT": "Export MedicationAdministration or Procedure too, where injections are recorded.",
    "FHIR_UNCERTAIN": "Nothing, unless a condition is certain by now: then confirm it in the record.",
    "FILLED_DOWN": "Look whether each row stands below the right patient.",
    "HEADING_NOT_TAKEN": "If the column is meant, name it with --map.",
    "HEADING_READ_AS": "Look whether each heading was read as what it means; --map changes it.",
    "HIDDEN_COLUMNS": "Look whether they were meant to be in the file.",
    "HIDDEN_ROWS": "Delete them if they are not meant to count; hiding leaves them in.",
    "HIDDEN_SHEET": "Look whether it was meant to be in the file; delete it or unhide it.",
    "HISTORY_START_ASSUMED": "Say from which day on the history is complete: --history-start, or the About sheet.",
    "HOSPITAL_ROWS": "Add a column event that says of these rows whether the injection was given, and where.",
    "IDENTIFIER_SUSPECTED": "If it is a patient's, remove it from your file before anything else.",
    "ID_LEADING_ZERO": "If both are one patient, write the id alike everywhere, in a column formatted as text.",
    "INJECTION_DRUG_UNKNOWN": "Add the prescriptions to the export, or name the drug in the term of these codes.",
    "INPUT_OPEN": "Save and close the workbook, and check it again.",
    "ISSUES_UNDATED": "Export the issues with their date of issue, and name that file beside this one.",
    "LAST_LINE_OPEN": "Look whether the last rows are there; if not, export the file again.",
    "LIST_RUN_EARLIER": "Run all lists on one day, and export them again.",
    "MERGED_FILLED": "Look whether the merged cells hold for each of their rows.",
    "NO_CHECK_SUMS": "Save it as .xlsx if you can.",
    "PATIENT_CONFLICT": "Find out which of the two is right, and make both rows say so.",
    "PATIENT_ID_MISSING": "Type the patient's pseudonym; if blank means the patient above, use --fill-down.",
    "PATIENT_REPEATED": "Nothing, if both rows are of the same patient.",
    "PATIENT_ROW_MISSING": "Add the patient to the Patients sheet, or correct the id.",
    "PLANS_NOT_USED": "Nothing; the issues of these repeats count.",
    "POPULATION_DIFFERS": "Look whether the export is whole.",
    "PREGNANCY_NOT_USED": "Add a column pregnant_or_breastfeeding: yes or no at the start of treatment.",
    "QUANTITY_ASSUMED": "Add a column quantity, if several ampoules are issued at a time.",
    "QUANTITY_UNREADABLE": "Type the number of ampoules issued, a whole number.",
    "READ_ONCE": "Delete the chart sheet and save the workbook, so that it can be read twice.",
    "REVIEW_UNREADABLE": "Type the whole date, and an outcome in one of the words that are read.",
    "ROUTE_ASSUMED": "Add the route of these rows, such as intramuscular.",
    "ROUTE_UNKNOWN": "Type the route, such as intramuscular or oral, or the full name of the drug.",
    "ROWS_DELETED": "Nothing, if they were deleted or rejected in the clinical system.",
    "SHEET_WITHOUT_ROWS": "Delete the sheet if it was not filled in; left there it says that there is "
    "nothing to record.",
    "TESTS_NOT_LISTED": "Export these tests too, if they are done; criteria about them say little until then.",
    "TEST_UNREADABLE": "Type the whole date, and the name of the test.",
    "TOTALS_ROW": "Nothing, if these are no patients.",
    "VALUE_UNKNOWN": "Type a value that can be read, or leave the cell blank if it is not known.",
    "WRONG_ENDING": "Give the file the ending of what it is, or export it again.",
}


def remedy(finding: Finding) -> str:
    """What to do about one finding; KeyError for a kind that nobody has written a remedy for."""
    words = VOCABULARY.get(finding.field, ()) if finding.code in _WANTS_WORDS else ()
    return f"{REMEDIES[finding.code]} Words that are read: {', '.join(words)}." if words else REMEDIES[finding.code]
