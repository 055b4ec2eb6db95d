"""What the template's first sheet says, in plain words."""

from __future__ import annotations

from typing import Final

from audit.render.recipes import HISTORY, Line, Section
from audit.render.template_example import SHOWS

TITLE: Final = "Vitamin B12 injections: the records to audit"
#: How a heading stands, as its comment says.
NEEDED, WORTH_MOST, OPTIONAL = "Needed", "One of the three columns worth most", "May be left out"
#: Labels of the first sheet that are shown in the look that they explain.
LEGEND: Final = {NEEDED: "head", WORTH_MOST: "worth", OPTIONAL: "optional"}
WORTH_MOST_COLUMNS: Final = (
    ("Treatments", "event"),
    ("Patients", "neurological_involvement"),
    ("Patients", "registered_from"),
)
DATED_KEYS: Final = ("extract_date", "history_start", "period_from", "period_to")

_PURPOSE: Final = Section(
    "What this is for",
    (
        ("In short", "b12audit looks back at a practice's records and says for each patient whether they show vitamin "
         "B12 injections as the BNF and NICE describe them, differ from that, or cannot tell. It advises no treatment. "
         "This workbook holds the records that it reads."),
    ),
)  # fmt: skip
_SHEETS: Final = (
    ("About", "Which practice, the day on which the records were exported, and the day from which they are complete."),
    ("Patients", "One row for each patient: cause, whether nerves are involved, since when with the practice."),
    ("Treatments", "One row for each injection, prescription or refusal. The only sheet that is needed."),
    ("Tests", "One row for each blood test."),
    ("Reviews", "One row for each review of the treatment."),
    ("Words", "Every word that the dropdown lists offer, with its meaning."),
)
_BESIDE: Final = (
    ("Example ...", "The same sheets filled in for three made-up patients. They are never read."),
    ("EMIS Web, SystmOne, Vision", "How to get the records out of the clinical system, step by step."),
)
_HEADINGS: Final = Section(
    "The headings",
    (
        (NEEDED, "The sheet cannot be read without this column."),
        (WORTH_MOST, "event: was the injection given, or only issued? neurological_involvement: it decides between "
         "injections every two months and every two to three. registered_from: it tells whether the start of "
         "treatment can be seen. Without them the report often has to say that it cannot tell."),
        (OPTIONAL, "The more is filled in, the more can be judged."),
        ("Meaning", "Rest the pointer on a heading to read what it means. Leave the headings as they are; their order "
         "does not matter."),
    ),
)  # fmt: skip
_UNKNOWN: Final = Section(
    "What you do not know",
    (
        ("A cell", "Leave it blank; the note on each heading says what a blank means. For neurological_involvement it "
         "means unknown, never no."),
        ("A whole column or sheet", "Delete it. A sheet with headings and no rows counts as exported and empty. A "
         "column event that is there and blank makes its rows unusable; without the column each row counts as a "
         "prescription, with a warning. So does quantity for prescriptions; without it each is of one ampoule."),
    ),
)  # fmt: skip
_IDENTITY: Final = Section(
    "Nobody's identity",
    (
        ("patient_id", "A pseudonym: any code that only your practice can turn back into a person, the same on every "
         "sheet."),
        ("Never", "No names, NHS numbers, full dates of birth, addresses, telephone numbers or e-mail addresses, not "
         "even in a comment or in the file's name. A workbook that looks identifiable is refused."),
        ("If you have only NHS numbers", "Paste them under patient_id. This makes a copy with pseudonyms, under a key "
         "that you keep:  b12audit pseudonymise records.xlsx records-anonymous.xlsx --key-file "
         "~/b12audit-key/practice.key --new-key"),
        ("Even so", "The rows remain confidential, like the records they come from."),
    ),
)  # fmt: skip
_HISTORY: Final = Section("How many years", (("History", HISTORY),))


def read_me(*, filled: bool) -> list[Section]:
    """The sections of the first sheet; of the filled example those that it needs."""
    shows = Section("What the example shows", SHOWS)
    if filled:
        return [_example_purpose(), shows, Section("The sheets", _SHEETS), _HEADINGS, _next("b12audit-example.xlsx")]
    sheets = Section("The sheets", (*_SHEETS, *_BESIDE))
    return [_PURPOSE, sheets, _HEADINGS, _UNKNOWN, _IDENTITY, _HISTORY, _next("records.xlsx", _TRY), shows]


_TRY: Final[Line] = (
    "Try it first",
    "b12audit template --example   writes the example as a workbook that can be run.",
)


def _example_purpose() -> Section:
    said = "Three made-up patients in the sheets that the audit reads: run it to see what a report looks like."
    return Section("What this is", (("In short", said),))


def _next(file: str, *more: Line) -> Section:
    lines = (
        ("Look first", f"b12audit check {file}   reads the workbook and says what it found, without a verdict."),
        ("Then", f"b12audit run {file}   writes the report into a folder beside the workbook."),
        ("Open", "report.html to read it, report.xlsx for the list of patients to look at first."),
    )
    return Section("What happens next", (*more, *lines))
