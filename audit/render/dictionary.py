"""The data dictionary as a page: every column that goes in or comes out, and every word that a cell may hold.

Columns, kinds and limits come from the pandera contracts, words from the vocabulary; only their meanings stand here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
import pandera.pandas as pa

from audit.criteria.criterion import Criterion
from audit.intake.heading_words import synonyms
from audit.render.check_json import KEYS
from audit.render.code_lists import code_section
from audit.render.markdown import code, page, table
from audit.render.remedies import REMEDIES
from audit.render.scoreboard import GROUPS
from audit.results.explain import reason_text
from audit.results.phrases import joined
from audit.standards.standard import Standard
from audit.standards.wording import with_numbers
from schemas import canonical, outputs
from schemas import vocabulary as words

#: What each column of the workbook means, and what its blank cell means.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "Patients": {
        "patient_id": "A pseudonym, kept exactly as text: 0123 is not 123.",
        "practice_id": "The practice. Blank: that of the About sheet, else the file's name without its ending.",
        "year_of_birth": "Who is under {cohort.adult_age} is left out. Blank: taken as an adult.",
        "sex": "Decides which haemoglobin is low. Blank: as for everyone but men.",
        "indication": "What vitamin B12 is given for. Blank: deficiency.",
        "cause": "Why there is a deficiency. Blank: not recorded; intervals are held to those of a cause that is not "
        "dietary.",
        "neurological_involvement": "Whether nerves are involved. Blank: unknown, and judged both ways.",
        "neurological_onset": "Since when. Blank: since before the first injection.",
        "diagnosis_date": "When the deficiency was found. Blank: not known.",
        "registered_from": "Since when the practice has kept the record. Blank: not known, so that the start of "
        "treatment may not show. No such column: since the history start.",
        "registered_to": "Last day with the practice, or of life. Blank: still registered.",
        "pregnant_or_breastfeeding": "At the start of treatment. Blank: no.",
        "smoker": "Smokes now. Blank: no.",
    },
    "Treatments": {
        "patient_id": "Whose row it is.",
        "date": "The day of the injection, issue or refusal. Blank: the row is set aside, and its patient is not "
        "assessable.",
        "drug": "As the clinical system prints it, a brand, or a dm+d code. Blank: as for the date.",
        "event": "What happened. Blank: as for the date. No such column: every row is an issue.",
        "route": "How it was given. Blank: what the drug's name says; hydroxocobalamin counts as injected.",
        "dose": "Each dose with its unit, or a bare number of micrograms. Blank: what the drug's name says.",
        "quantity": "Ampoules or tablets issued. Blank: an issue of injections is set aside where issues are all that "
        "is known. No such column: 1 each.",
        "directions": "Free text; the maintenance interval is read from it. Blank: no directions.",
    },
    "Tests": {
        "patient_id": "Whose row it is.",
        "date": "The day of the sample. Blank: the row is set aside, and criteria that read tests cannot tell.",
        "test": "What was measured. Blank: as for the date. A test that is not listed is not used.",
        "value": "A number, or text. Blank: no result, but still a test done.",
        "unit": "As the laboratory writes it. A haemoglobin up to {haemoglobin.g_dl_most} is g/dL whatever the unit.",
    },
    "Reviews": {
        "patient_id": "Whose row it is.",
        "date": "The day of the review. Blank: the row is set aside.",
        "outcome": "What the review found. Blank: as for the date.",
    },
}
ABOUT: Final[Mapping[str, str]] = {
    "practice_id": "The practice of patients who have none of their own.",
    "extract_date": "Last day that the extract covers. Blank: the latest date in the records, with a warning.",
    "history_start": "First day from which treatments are complete. Blank: the earliest treatment, with a warning.",
    "period_from": "First day of the audit period. Blank: a year back from its last day.",
    "period_to": "Last day of the audit period. Blank: the extract date.",
    "source_system": "The clinical system that the extract comes from. Printed only.",
}
#: Columns that reading adds; the others mean what they mean in the workbook.
READ_FIELDS: Final[Mapping[str, str]] = {
    "patient": "The patient's place in the table of patients, counted from 0; -1: the row names no patient.",
    "listed": "Whether the patient has a row of their own; otherwise other sheets brought them.",
    "substance": "The drug, as far as this audit uses it.",
    "route_assumed": "Hydroxocobalamin of which nothing says how it was given: taken as injected.",
    "dose_micrograms": "The dose of the row, else of the drug's name.",
    "directions_status": "What the directions say of maintenance.",
    "interval_high": "The longest maintenance interval that the directions allow.",
    "interval_unit": "Its unit.",
    "value": "The number in the cell of the value.",
    "has_value": "Whether the cell of the value holds anything.",
    "set_aside": "Why the row is not used.",
    "sheet": "The sheet that the row comes from.",
    "row": "The row there, as Excel numbers it; of a patient the first one, 0 when there is none.",
    "said_elsewhere": "Another row of the patient says something of a status or cause that is not known.",
}
#: Every list of words with its heading; each word with a sentence.
WORDS: Final[Mapping[str, tuple[Sequence[str], Mapping[str, str]]]] = {
    "Sex": (
        words.SEX,
        {
            "female": "A woman or girl.",
            "male": "A man or boy; a low haemoglobin begins higher than in others.",
            "other": "Neither of the two.",
            "unknown": "Not recorded.",
        },
    ),
    "Indication": (
        words.INDICATION,
        {
            "deficiency": "Vitamin B12 deficiency.",
            "prophylaxis": "To prevent a deficiency; without a loading course.",
            "lebers_or_tobacco_amblyopia": "Leber's optic atrophy or tobacco amblyopia, with a schedule of their own.",
            "metabolic": "An inborn error of metabolism; not audited.",
        },
    ),
    "Cause": (
        words.CAUSE,
        {
            "autoimmune": "Autoimmune gastritis, pernicious anaemia. Irreversible.",
            "gastrectomy": "Removal of the stomach or a part of it. Irreversible.",
            "ileal_resection": "Removal of the end of the small bowel. Irreversible.",
            "malabsorption": "Another disorder of absorption.",
            "medicine": "A medicine, such as metformin or a proton pump inhibitor.",
            "nitrous_oxide": "Nitrous oxide misused.",
            "dietary": "Too little vitamin B12 in the diet.",
            "unknown_after_investigation": "Looked for and not found; counts as recorded.",
            "unknown": "Not known; counts as not recorded.",
        },
    ),
    "Yes, no or unknown": (
        words.YES_NO_UNKNOWN,
        {"yes": "It is so.", "no": "It is not so.", "unknown": "Not recorded: neither is assumed."},
    ),
    "Yes or no": (words.YES_NO, {"yes": "It is so.", "no": "It is not so."}),
    "Event": (
        words.EVENT,
        {
            "administered": "Given at the practice, or by its nurses. A dose.",
            "self_administered": "Given by the patient. A dose.",
            "given_elsewhere": "Given by somebody else, such as a hospital. A dose.",
            "issued": "Prescribed. It proves supply, not that the injection was given.",
            "declined": "The patient refused. No dose; may make an exception.",
            "deferred": "Put off. No dose; may make an exception.",
            "not_attended": "The patient did not come. No dose; shown as a reason, and excuses nothing.",
            "stopped": "Treatment ended.",
        },
    ),
    "Route": (
        words.ROUTE,
        {
            "intramuscular": "Into a muscle.",
            "subcutaneous": "Under the skin.",
            "injection": "Injected; the record does not say how.",
            "intravenous": "Into a vein: the cyanide antidote, not a dose.",
            "oral": "By mouth.",
            "sublingual": "Under the tongue; counts as oral.",
            "nasal": "Through the nose; neither injected nor oral.",
            "other": "Another route; neither injected nor oral.",
        },
    ),
    "Substance": (
        words.SUBSTANCE,
        {
            "hydroxocobalamin": "Vitamin B12; what the guidance injects.",
            "cyanocobalamin": "Vitamin B12; most tablets.",
            "methylcobalamin": "Vitamin B12.",
            "adenosylcobalamin": "Vitamin B12.",
            "folic_acid": "Not vitamin B12; its dose and date are looked at.",
            "other": "A drug that can be read and is not used here; listed with its count.",
        },
    ),
    "Test": (
        words.TEST,
        {
            "vitamin_b12": "Total vitamin B12 in the blood.",
            "active_b12": "Holotranscobalamin.",
            "mma": "Methylmalonic acid.",
            "homocysteine": "Total homocysteine.",
            "folate": "Folate in serum or red cells.",
            "ferritin": "Ferritin, the iron stores.",
            "vitamin_b6": "Vitamin B6.",
            "potassium": "Potassium.",
            "haemoglobin": "Haemoglobin.",
            "mcv": "Mean cell volume, the size of red cells.",
            "reticulocytes": "Young red cells.",
            "intrinsic_factor_antibody": "Antibody against intrinsic factor, found in pernicious anaemia.",
        },
    ),
    "Review outcome": (
        words.REVIEW_OUTCOME,
        {
            "improving": "Symptoms are still getting better.",
            "no_further_improvement": "Symptoms no longer get better.",
            "resolved": "No symptom is left.",
            "not_improved": "Symptoms are as they were.",
            "worse": "Symptoms have got worse.",
            "other": "A review that found something else, or does not say.",
        },
    ),
    "Directions status": (
        words.DIRECTIONS_STATUS,
        {
            "blank": "There are none.",
            "unread": "No maintenance interval could be read from them; nothing is guessed.",
            "read": "They state a maintenance interval.",
        },
    ),
    "Interval unit": (
        words.INTERVAL_UNIT,
        {"days": "Days.", "weeks": "Weeks of seven days.", "months": "Calendar months."},
    ),
    "Set aside": (
        words.SET_ASIDE,
        {
            "": "The row is used.",
            "duplicate": "An exact repetition of another row.",
            "not_b12": "A drug that this audit does not use.",
            "unreadable": "A cell that decides could not be read.",
            "no_patient_id": "It names no patient.",
            "patient_only": "A row of a flat sheet that brings a patient and no treatment.",
        },
    ),
    "Outcome": (
        words.OUTCOME,
        {
            "excluded": "Not in the cohort.",
            "not_applicable": "Not asked of this patient.",
            "not_assessable": "The record cannot tell.",
            "pending": "The window is still open; counted apart.",
            "met": "The record shows what the criterion asks for.",
            "not_met": "The record differs from it; check for a documented reason.",
            "excepted": "The record differs from it, and says why.",
        },
    ),
    "Strength": (words.STRENGTH, {strength: text for strength, (_, text) in GROUPS.items()}),
    "Severity": (
        words.SEVERITY,
        {
            "error": "Something could not be used.",
            "warning": "Something was assumed or looks wrong.",
            "note": "Something was set aside as it should be.",
        },
    ),
    "Basis": (
        outputs.BASIS,
        {
            "given": "The patient's doses are injections recorded as given.",
            "issued": "Only issues are known; each day of them stands for a dose.",
            "": "There are no doses.",
        },
    ),
    "Kind of interval": (
        outputs.INTERVAL_KIND,
        {
            "transition": "From the last injection of the first course to the next.",
            "maintenance": "Any other between two injections that is not inside a course, or since the last one.",
        },
    ),
    "State of a recall": (
        words.RECALL_STATE,
        {
            "overdue": "The limit has passed under every reading of the record.",
            "deferred": "The limit has passed, and a deferral since the last injection is recorded.",
            "due": "It has fallen due, or may have, and the limit has not passed.",
            "to_come": "It falls due after the extract date.",
            "cannot_tell": "The record leaves open whether the limit has passed.",
        },
    ),
    "Not in the recall list": (
        words.NOT_IN_RECALL,
        {
            "NOT_IN_COHORT": "No vitamin B12 treatment, cause or diagnosis date.",
            "UNDER_16": "Too young for this audit.",
            "METABOLIC": "A metabolic disorder, with a schedule of its own.",
            "LEFT_BEFORE_PERIOD": "Left, or died, before the audit period.",
            "CYANIDE_ANTIDOTE": "The cyanide antidote alone.",
            "OWN_SCHEDULE": "Leber's optic atrophy or tobacco amblyopia, with a schedule of their own.",
            "LEFT": "Left, or died, before the extract date.",
            "NO_INJECTIONS": "No injection on record.",
            "STOPPED": "Recorded as stopped on the day of the last injection or since.",
            "NOT_ON_INJECTIONS": "The last injection lies before the year that precedes the audit period.",
            "COURSE_UNDER_WAY": "A loading course under way.",
            "DECLINED": "A refusal since the last injection.",
        },
    ),
}
REASONS: Final = "Reasons"
_INTRODUCTION: Final = """\
Every column that goes in or comes out, and every word that a cell may hold. Reading is forgiving (case, spaces, common
synonyms); writing is exact. What a criterion makes of them stands in [criteria](criteria.md)."""
_WORKBOOK_TEXT: Final = """\
A star marks a column that its sheet cannot do without. Of the sheets only Treatments is needed. Other headings are read
as well when only one column has one of them, in any case and spacing, with or without the name of its group in front
(`Medication Issues Date of Issue`, `Medication Issues's Date of Issue`); a note says which. What is in doubt is asked
about: `--map date="Date of Issue"` answers."""
_LISTS_TEXT: Final = """\
Exports of EMIS, SystmOne and Vision need not be one workbook of these sheets. Lists are told apart by their headings
and put together: medication issues, coded events, immunisations or procedures, patients, tests; and reports with coded
events side by side (`Code Term`, `Date`, `Value` again and again, or `B12 Term`, `B12 Date`, `B12 Value`). Files named
together, or in one folder, are one practice when exactly one of them holds treatments, every other is another list, and
no two are of one kind. What a code is taken to say is listed under Clinical codes. Columns of lists of coded events,
immunisations and procedures (needed: patient_id, date, and a code or a term):"""
_CANONICAL_TEXT: Final = """\
What reading makes of the workbook, whatever its form: the contract between reading and judging, checked on every run.
These tables are not published; a run keeps them in its `archive`."""
_ARCHIVE_TEXT: Final = """\
What a run read, kept in its folder unless `--no-archive`: for each input `archive/1`, `archive/2` and so on with
`patients.parquet`, `treatments.parquet`, `tests.parquet` and `reviews.parquet`, the tables as read, and `facts.json`
with what else was read: the About sheet, facts of the file, and the findings. `run.json` holds their checksums;
a file that differs is not read back."""
_COMPARISON_TEXT: Final = """\
`b12audit compare` writes `compare.html`, `compare.xlsx` and `compare.json`; a run that found an earlier one has the
keys marked with a star in its `summary.json`, under `previous`. Shares, differences and limits are fractions, null
where there are too few patients for a percentage, or nobody changed."""
COMPARISON: Final[Mapping[str, str]] = {
    "run_id": "The same for the same cycles, standard, actions and version.",
    "version": "Of the tool.",
    "options": "Of the command.",
    "standard*": "By which both cycles are judged.",
    "old*": "The earlier cycle: where it was read from, its practices, patients in the audit, inputs with their dates "
    "and checksums, rows read, used and set aside, and what its own report said it was made with.",
    "new*": "The later cycle, likewise.",
    "patients*": "Patients in the audit: matched (in both cycles), left, joined.",
    "criteria*": "Of each criterion the counts and shares of both cycles; the difference of met / eligible, and of met "
    "/ assessed, each with its Newcombe 95% interval; of the matched patients assessed in both cycles how many "
    "improved and worsened, with McNemar's mid-p; and what the old report printed.",
    "moved*": "Each matched patient whose answer went from not met to met (improved) or back.",
    "actions": "How many patients the old worklist has (null without its workbook), how many of the noted actions are "
    "done, and each as noted there, with what the new cycle says of its problem.",
    "outputs": "Checksums of the other files.",
}
_OUTPUT_TEXT: Final = """\
`verdicts`, `intervals` and `findings`, as `.csv` (UTF-8, dates as 2026-03-31, blank for nothing) or `.parquet`;
`recall` is the `.csv` of `b12audit recall`."""

_FINDINGS_TEXT: Final = """\
What to do about each kind of finding, as `b12audit check` says it."""
_CHECK_TEXT: Final = """\
One document on stdout, and nothing else. Keys after a point stand in each entry of the list before it."""


def dictionary_page(criteria: Sequence[Criterion], standard: Standard) -> str:
    """The whole page in Markdown.

    Args:
        criteria: whose examples tell which outcome a reason goes with.
        standard: whose numbers the reasons' sentences print.
    """
    return page(
        "Data dictionary",
        "`schemas/`, `audit/intake/codes.toml` and `audit/render/dictionary.py`",
        _INTRODUCTION,
        "## The workbook",
        _WORKBOOK_TEXT,
        _about(),
        *(_input(sheet, standard) for sheet in words.INPUT_COLUMNS),
        f"## Lists of clinical systems\n\n{_LISTS_TEXT}\n\n{_headings('Codes')}",
        f"## Tables as read\n\n{_CANONICAL_TEXT}",
        *(_contract(f"{name} as read", item, _read_meaning(name, standard)) for name, item in canonical.TABLES.items()),
        f"## Published tables\n\n{_OUTPUT_TEXT}",
        *(_contract(name.capitalize(), schema, {}) for name, schema in outputs.TABLES.items()),
        f"## Archive\n\n{_ARCHIVE_TEXT}",
        f"## Comparison of two cycles\n\n{_COMPARISON_TEXT}",
        table(("key of `compare.json`", "meaning"), ((code(key), meaning) for key, meaning in COMPARISON.items())),
        f"## Kinds of finding\n\n{_FINDINGS_TEXT}",
        table(("code", "what to do"), ((code(kind), what) for kind, what in REMEDIES.items())),
        f"## The document of `check --json`\n\n{_CHECK_TEXT}",
        table(("key", "meaning"), ((code(key), meaning) for key, meaning in KEYS.items())),
        code_section(),
        "## Words",
        *(_word_list(title) for title in WORDS),
        _reasons(criteria, standard),
    )


def _about() -> str:
    rows = [(code(key), ABOUT[key]) for key in words.ABOUT_KEYS]
    return f"### About\n\n{table(('key', 'meaning'), rows)}"


def _input(sheet: str, standard: Standard) -> str:
    required = words.REQUIRED_COLUMNS[sheet]
    rows = (
        (
            code(name) + ("*" if name in required else ""),
            with_numbers(FIELDS[sheet][name], standard),
            _input_words(sheet, name),
        )
        for name in words.INPUT_COLUMNS[sheet]
    )
    return f"### {sheet}\n\n{table(('column', 'meaning', 'words'), rows)}\n\n{_headings(sheet)}"


def _headings(sheet: str) -> str:
    """The headings that stand for the sheet's columns beside their own names."""
    rows = ((code(name), ", ".join(map(code, synonyms(sheet, name)))) for name in words.TABLE_COLUMNS[sheet])
    return table(("column", "other headings"), (row for row in rows if row[1]))


def _input_words(sheet: str, name: str) -> str:
    """The words that the column may hold, where it is one of words."""
    column = canonical.TABLES[sheet].columns.get(name)
    return _listed(_words_of(column)) if column is not None else ""


def _read_meaning(sheet: str, standard: Standard) -> Mapping[str, str]:
    typed = {name: with_numbers(text, standard) for name, text in FIELDS[sheet].items()}
    return {**typed, **READ_FIELDS}


def _contract(title: str, schema: pa.DataFrameSchema, meanings: Mapping[str, str]) -> str:
    """A table of a contract; a column that describes itself needs no meaning."""
    rows = (
        (code(name), _kind(column), _limits(column), "yes" if _may_be_blank(column) else "no",
         column.description or meanings[name])
        for name, column in schema.columns.items()
    )  # fmt: skip
    return f"### {title}\n\n{table(('column', 'kind', 'allowed', 'may be blank', 'meaning'), rows)}"


def _kind(column: pa.Column) -> str:
    kinds = {
        "date": pd.api.types.is_datetime64_any_dtype,
        "true or false": pd.api.types.is_bool_dtype,
        "whole number": pd.api.types.is_integer_dtype,
        "number": pd.api.types.is_float_dtype,
    }
    dtype = getattr(column.dtype, "type", None)
    # a contract may check the kind in its own way, and names it then
    named = (check.name for check in column.checks if check.name in (*kinds, "text"))
    typed = (kind for kind, holds in kinds.items() if dtype is not None and holds(dtype))
    return next(iter([*named, *typed]), "text") or "text"


def _words_of(column: pa.Column) -> tuple[str, ...]:
    """The words that a column may hold; none when it is not one of words."""
    dtype = getattr(column.dtype, "type", None)
    if isinstance(dtype, pd.CategoricalDtype) and dtype.categories is not None:
        return tuple(dtype.categories)
    listed = (_statistics(check)["allowed_values"] for check in column.checks if check.name == "isin")
    return tuple(next(listed, ()))


def _statistics(check: pa.Check) -> Mapping[str, Any]:
    return check.statistics or {}


def _listed(known: tuple[str, ...]) -> str:
    """A link to the list of these words, where there is one; otherwise the words."""
    lists = {tuple(members): title for title, (members, _) in WORDS.items()} | {words.REASON: REASONS}
    if known in lists:
        return f"[{lists[known].lower()}](#{_anchor(lists[known])})"
    return ", ".join(map(code, known))


def _anchor(title: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", title.lower().replace(" ", "-"))


def _limits(column: pa.Column) -> str:
    return _listed(_words_of(column)) or ", ".join(filter(None, map(_limit, column.checks)))


def _limit(check: pa.Check) -> str:
    values = {name: _shown(value) for name, value in _statistics(check).items()}
    forms = {
        "in_range": "{min_value} to {max_value}",
        "greater_than_or_equal_to": "from {min_value}",
        "greater_than": "over {min_value}",
        "str_matches": "`{pattern}`",
    }
    return forms.get(str(check.name), "").format(**values)


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.pattern if isinstance(value, re.Pattern) else str(value)


def _may_be_blank(column: pa.Column) -> bool:
    if column.nullable or "" in _words_of(column):
        return True
    named = isinstance(getattr(column.dtype, "type", None), pd.CategoricalDtype) or _words_of(column)
    return _kind(column) == "text" and not named and all(map(_allows_blank, column.checks))


def _allows_blank(check: pa.Check) -> bool:
    if check.name == "str_matches":
        return re.match(_statistics(check)["pattern"], "") is not None
    return bool(check.name != "str_length")


def _word_list(title: str) -> str:
    members, sentences = WORDS[title]
    return f"### {title}\n\n{table(('word', 'meaning'), ((code(word), sentences[word]) for word in members))}"


def _reasons(criteria: Sequence[Criterion], standard: Standard) -> str:
    outcomes = outcomes_by_reason(criteria)
    rows = (
        (code(reason), joined([code(outcome) for outcome in outcomes[reason]], "or"), reason_text(reason, standard))
        for reason in words.REASON
        if reason
    )
    return f"### {REASONS}\n\n{table(('reason', 'with the outcome', 'meaning'), rows)}"


def outcomes_by_reason(criteria: Iterable[Criterion]) -> dict[str, list[str]]:
    """The outcomes that a reason goes with in the examples, in the order of the vocabulary."""
    shown = {tuple(example.expect.split(", ")) for item in criteria for example in item.examples}
    reasons = filter(None, words.REASON)
    return {reason: [outcome for outcome in words.OUTCOME if (outcome, reason) in shown] for reason in reasons}


def column_words(sheet: str, name: str) -> Mapping[str, str]:
    """The words that a column of the workbook may hold, each with its sentence; none when it is not one of words."""
    column = canonical.TABLES[sheet].columns.get(name)
    members = _words_of(column) if column is not None else ()
    sentences = {tuple(listed): meanings for listed, meanings in WORDS.values()}
    return {word: sentences[members][word] for word in members}


def column_kind(sheet: str, name: str) -> str:
    """What a column of the workbook holds: text, date, number, whole number, true or false."""
    column = canonical.TABLES[sheet].columns.get(name)
    return _kind(column) if column is not None else "text"


def column_meaning(sheet: str, name: str, standard: Standard) -> str:
    """What a column of the workbook means, with the standard's numbers."""
    return with_numbers(FIELDS[sheet][name], standard)
