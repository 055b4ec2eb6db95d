"""How to get the records out of a clinical system, step by step: one text for the template and for a page of docs.

Only what public sources show of each system is written here; where a menu may be named otherwise the text says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from audit.render.markdown import page, table

#: A label, and what is to be said under it.
Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    heading: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One clinical system.

    Attributes:
        system: its name; the template's sheet is named so.
        known: what the recipe rests on.
        sections: in the order in which they are done.
    """

    system: str
    known: str
    sections: Sequence[Section]


HISTORY: Final = (
    "Ask for five years of history if you can. Two are the least: the year that is audited and the year before it, "
    "which shows who is on injections. A longer history shows when each treatment began and whether its first course "
    "was complete; where it is cut off, the report must say that it cannot tell."
)
_WHO: Final = Section(
    "1. Whom to search for",
    (
        ("Treatment", "Everybody with an issue of hydroxocobalamin, cyanocobalamin or mecobalamin (BNF codes "
         "0901020N0, 0901020D0, 0901020T0) in the last five years, by injection or by mouth."),
        ("Injections", "Everybody with a code for an injection given (the list is in step 4) in that time."),
        ("Diagnosis", "Everybody with pernicious anaemia (SNOMED CT 84027009), vitamin B12 deficiency (190634004) or "
         "dietary vitamin B12 deficiency anaemia (267517008), so that nobody untreated is missed."),
        ("Leavers", "Include people who have left or died since, if the search can; their last day goes under "
         "registered_to."),
        ("Years", HISTORY),
    ),
)  # fmt: skip
_CODES: Final = Section(
    "4. A list of coded entries, for injections, tests and diagnoses",
    (
        ("Columns", "Code or term, date, value and unit. Leave free text beside codes out: it may name people."),
        ("Injections", "Under Treatments, one row each. date: the date of the entry. drug: the ampoule, for example "
         "Hydroxocobalamin 1mg/1ml solution for injection ampoules, if the record says so. event: see the next lines."),
        ("308752009", "Intramuscular injection of vitamin B12. event: administered"),
        ("170823005", "B12 injections - at surgery. event: administered"),
        ("170822000", "B12 injections - at home. event: who gave it? administered, self_administered or "
         "given_elsewhere"),
        ("170826002", "B12 injections stopped. event: stopped"),
        ("1842071000006108", "Vitamin B12 injection due. Leave it out: due is not given."),
        ("Tests", "Under Tests: the term under test, the date, the value, the unit. For example serum vitamin B12 "
         "(993391000000108), serum folate (993411000000108), serum ferritin (993381000000106), haemoglobin "
         "(1022431000000105). Laboratories differ, so search by words as well as by codes."),
        ("Nerves", "Under Patients, neurological_involvement: yes, and the date under neurological_onset, for "
         "subacute combined degeneration (60576007), and neuropathy (699258007), myelopathy (870290001) or optic "
         "neuropathy (420920007) due to vitamin B12 deficiency. No code does not mean no: leave the cell blank."),
        ("Cause", "Under Patients, cause: autoimmune for pernicious anaemia, dietary for dietary deficiency; for the "
         "others see the sheet Words. The date of the first such code goes under diagnosis_date."),
    ),
)  # fmt: skip
_SAFE: Final = Section(
    "5. Save without identities",
    (
        ("Leave out", "Names, full dates of birth, addresses, telephone numbers, staff names and free text. If the "
         "system offers an export without identifiers, tick that."),
        ("Pseudonym", "Every row needs a code for its patient, the same on every list. If the only one you have is an "
         "NHS number or the system's own number, paste it under patient_id and let step 6 replace it."),
        ("Format", "Save each list as CSV. Open it, and copy each column under its heading in the template, as values. "
         "Paste codes and patient numbers as text: Excel rounds numbers of more than 15 digits."),
    ),
)  # fmt: skip
_COMMANDS: Final = Section(
    "6. Run it",
    (
        ("Pseudonyms", "b12audit pseudonymise records.xlsx records-anonymous.xlsx --key-file "
         "~/b12audit-key/practice.key --new-key"),
        ("When", "Only if patient_id holds NHS numbers or the system's own. Next time leave --new-key out: the same "
         "key gives each patient the same pseudonym again."),
        ("Look first", "b12audit check records-anonymous.xlsx"),
        ("Report", "b12audit run records-anonymous.xlsx"),
    ),
)  # fmt: skip


def _issues(columns: Sequence[Line], every: str) -> Section:
    lines = (("Every issue", every), *columns)
    return Section("3. A list of medication issues", lines)


def _people(*more: Line) -> Section:
    lines = (
        ("Columns", "A code for the patient, age, sex, date of registration, date of leaving."),
        ("Age", "Under year_of_birth: the year of the search less the age. A year too many or too few matters only "
         "round the age of 16."),
        ("Registered", "Under registered_from. It tells a treatment that began with you from one that came with the "
         "patient."),
        *more,
    )  # fmt: skip
    return Section("2. A list of patients", lines)


RECIPES: Final = (
    Recipe(
        "EMIS Web",
        "From what public programs expect of EMIS exports, not from EMIS itself. Wording may differ in your version. A "
        "Scottish practice audit published in 2019 went the same way: an EMIS search for intramuscular vitamin B12, "
        "exported to a spreadsheet.",
        (
            _WHO,
            _people(("Gender", "Under sex.")),
            _issues(
                (
                    ("Date of Issue", "Under Treatments, date."),
                    ("Name, Dosage and Quantity", "One cell with all three. Paste it under drug, and once more under "
                     "directions: the interval is read from it. The quantity at its end goes under quantity; if you "
                     "cannot type it, delete the column quantity, and each issue counts as one ampoule."),
                    ("event", "issued on every row of this list."),
                ),
                "Take the table Medication Issues and its column Date of Issue, not Last Issue Date: with one row for "
                "each patient no interval can be seen. Set no limit such as the latest one.",
            ),
            _CODES,
            _SAFE,
            Section(
                "What to expect in the file",
                (
                    ("Last Run", "Lines about the report stand above the headings. The date beside Last Run goes into "
                     "the sheet About, extract_date."),
                    ("Headings", "Each may begin with the name of its table: Medication Issues Date of Issue."),
                    ("Repeated", "Code Term, Date and Value may stand several times side by side, one set for each "
                     "topic: put the sets below each other."),
                    ("Blank cells", "A blank under a patient means the patient above. Fill the code down, or add "
                     "--fill-down to the command."),
                    ("Associated Text", "Free text: leave it out."),
                ),
            ),
            _COMMANDS,
        ),
    ),
    Recipe(
        "SystmOne",
        "From what public programs expect of SystmOne reports, not from TPP. Wording may differ in your version.",
        (
            _WHO,
            _people(("Gender", "Under sex.")),
            _issues(
                (
                    ("Date", "The date of each issue, not the first or last day of a repeat template. Under "
                     "Treatments, date."),
                    ("Medication", "The name under drug, the dosage under directions, the quantity under quantity."),
                    ("Quantity", "It may be text such as 5 ampoules: leave the number only."),
                    ("event", "issued on every row of this list."),
                ),
                "Break the report down by every issue in the years you chose, not by the latest one: with one row for "
                "each patient no interval can be seen.",
            ),
            _CODES,
            _SAFE,
            Section(
                "What to expect in the file",
                (
                    ("First line", "The headings are the first line, and nothing in the file says when it was run: "
                     "type that day into the sheet About, extract_date."),
                    ("Term, Date, Value", "Each topic brings these three. The unit may stand in the value, as in 142 "
                     "ng/L: the number goes under value, the rest under unit."),
                    ("Repeated rows", "Several breakdowns in one report can repeat rows. Exact repetitions are set "
                     "aside and counted by the audit; one report for each list avoids them."),
                ),
            ),
            _COMMANDS,
        ),
    ),
    Recipe(
        "Vision",
        "We know the columns of Vision's journal extract from a public program that reads it, and have seen no list "
        "report. Wording may differ in your version.",
        (
            _WHO,
            _people(),
            _issues(
                (
                    ("DATE", "Under Treatments, date. It is written as 20240312, which the audit reads."),
                    ("DMD_CODE", "Under drug, as text; or the drug's name, if your list has it."),
                    ("event", "issued on every row of this list."),
                    ("Quantity", "If the list has none, delete the column quantity, and each issue counts as one "
                     "ampoule."),
                ),
                "Take every entry of a vitamin B12 medicine from the journal, not the latest one: with one row for "
                "each patient no interval can be seen.",
            ),
            _CODES,
            _SAFE,
            Section(
                "What to expect in the file",
                (
                    ("No headings", "The journal file has no heading line. Its columns include PID (the patient), "
                     "DATE, CODE, SNOMED_CODE, DMD_CODE, VALUE1, VALUE1_UNITS, RUBRIC (what the code says) and TEXT "
                     "(free text: leave it out)."),
                    ("Extract date", "Type the day of the search into the sheet About, extract_date."),
                ),
            ),
            _COMMANDS,
        ),
    ),
)  # fmt: skip


def exporting_page() -> str:
    """The recipes as a page in Markdown."""
    introduction = (
        "How to get the records out of the clinical system and into the template that `b12audit template` writes. "
        "The template has these texts too, one sheet for each system."
    )
    blocks = (block for recipe in RECIPES for block in _blocks(recipe))
    return page("Exporting the records", "`audit/render/recipes.py`", introduction, *blocks)


def _blocks(recipe: Recipe) -> list[str]:
    sections = (f"### {item.heading}\n\n{table(('what', 'how'), item.lines)}" for item in recipe.sections)
    return [f"## {recipe.system}", recipe.known, *sections]
