"""The words a field may take, and the columns of every table, in their published order.

Free of heavy imports, so that anything may read it.
"""

from __future__ import annotations

from typing import Final

SEX: Final = ("female", "male", "other", "unknown")
INDICATION: Final = ("deficiency", "prophylaxis", "lebers_or_tobacco_amblyopia", "metabolic")
CAUSE: Final = (
    "autoimmune",
    "gastrectomy",
    "ileal_resection",
    "malabsorption",
    "medicine",
    "nitrous_oxide",
    "dietary",
    "unknown_after_investigation",
    "unknown",
)
YES_NO_UNKNOWN: Final = ("yes", "no", "unknown")
YES_NO: Final = ("yes", "no")
EVENT: Final = (
    "administered",
    "self_administered",
    "given_elsewhere",
    "issued",
    "declined",
    "deferred",
    "not_attended",
    "stopped",
)
GIVEN_EVENTS: Final = ("administered", "self_administered", "given_elsewhere")
#: `injection` is an injection whose exact route the record does not state.
ROUTE: Final = (
    "intramuscular",
    "subcutaneous",
    "injection",
    "intravenous",
    "oral",
    "sublingual",
    "nasal",
    "other",
)
B12_SUBSTANCES: Final = ("hydroxocobalamin", "cyanocobalamin", "methylcobalamin", "adenosylcobalamin")
#: `other` is a readable drug that this audit does not use.
SUBSTANCE: Final = (*B12_SUBSTANCES, "folic_acid", "other")
TEST: Final = (
    "vitamin_b12",
    "active_b12",
    "mma",
    "homocysteine",
    "folate",
    "ferritin",
    "vitamin_b6",
    "potassium",
    "haemoglobin",
    "mcv",
    "reticulocytes",
    "intrinsic_factor_antibody",
)
REVIEW_OUTCOME: Final = ("improving", "no_further_improvement", "resolved", "not_improved", "worse", "other")

#: What the directions of a row say of maintenance: nothing, nothing that can be read, an interval.
DIRECTIONS_STATUS: Final = ("blank", "unread", "read")
INTERVAL_UNIT: Final = ("days", "weeks", "months")

#: Why a row of a sheet is not used. Blank means used.
SET_ASIDE: Final = ("", "duplicate", "not_b12", "unreadable", "no_patient_id", "patient_only")

OUTCOME: Final = (
    "excluded",
    "not_applicable",
    "not_assessable",
    "pending",
    "met",
    "not_met",
    "excepted",
)
#: Why an outcome: blank, then the reasons of excluded, not_applicable, not_assessable, excepted and not_met.
REASON: Final = (
    "",
    "NOT_IN_COHORT",
    "UNDER_16",
    "METABOLIC",
    "LEFT_BEFORE_PERIOD",
    "CYANIDE_ANTIDOTE",
    "OWN_SCHEDULE",
    "PROPHYLAXIS",
    "NO_INJECTIONS",
    "NOT_A_STARTER",
    "NOT_ON_INJECTIONS",
    "NOT_IN_POPULATION",
    "NO_INTERVAL_IN_PERIOD",
    "UNREADABLE_ROW",
    "UNREADABLE_TEST",
    "START_NOT_OBSERVED",
    "NO_TESTS_DATA",
    "NO_REVIEW_DATA",
    "NO_REVIEW_RECORDED",
    "LEFT_DURING_WINDOW",
    "NEURO_UNKNOWN",
    "ISSUES_ONLY",
    "DOSE_MISSING",
    "ROUTE_MISSING",
    "CAUSE_UNKNOWN",
    "DIRECTIONS_MISSING",
    "DIRECTIONS_UNREAD",
    "DECLINED",
    "DEFERRED",
    "ORAL_COVER",
    "COVID_DEFERRAL",
    "SELF_ADMINISTERED",
    "LATE_NOT_ATTENDED",
    "STOPPED_BEFORE_PLATEAU",
    "STOPPED_WHILE_IMPROVING",
    "STOPPED_AT_STANDARD_COURSE",
    "NEVER_TREATED",
)
#: Where the next injection of a patient stands on the extract date.
RECALL_STATE: Final = ("overdue", "deferred", "due", "to_come", "cannot_tell")
#: Why a patient is not in the recall list, in the order in which it is asked.
NOT_IN_RECALL: Final = (
    "NOT_IN_COHORT",
    "UNDER_16",
    "METABOLIC",
    "LEFT_BEFORE_PERIOD",
    "CYANIDE_ANTIDOTE",
    "OWN_SCHEDULE",
    "LEFT",
    "NO_INJECTIONS",
    "STOPPED",
    "NOT_ON_INJECTIONS",
    "COURSE_UNDER_WAY",
    "DECLINED",
)
STRENGTH: Final = ("mandated", "permitted", "patient_group")
SEVERITY: Final = ("error", "warning", "note")

#: The canonical columns of CONTRACT section 1, in order; `*` there is REQUIRED here.
INPUT_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "Patients": (
        "patient_id",
        "practice_id",
        "year_of_birth",
        "sex",
        "indication",
        "cause",
        "neurological_involvement",
        "neurological_onset",
        "diagnosis_date",
        "registered_from",
        "registered_to",
        "pregnant_or_breastfeeding",
        "smoker",
    ),
    "Treatments": ("patient_id", "date", "drug", "event", "route", "dose", "quantity", "directions"),
    "Tests": ("patient_id", "date", "test", "value", "unit"),
    "Reviews": ("patient_id", "date", "outcome"),
}
REQUIRED_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "Patients": ("patient_id",),
    "Treatments": ("patient_id", "date", "drug"),
    "Tests": ("patient_id", "date", "test"),
    "Reviews": ("patient_id", "date", "outcome"),
}
#: Lists of clinical systems that become tables above: of coded events, of immunisations and procedures.
_LIST_COLUMNS: Final = (
    *("patient_id", "date", "code", "term", "value", "unit", "route"),
    *("other_code", "other_term", "comparator", "practice_id", "year_of_birth", "sex"),
    *("registered_from", "registered_to"),
)
LIST_COLUMNS: Final[dict[str, tuple[str, ...]]] = {"Codes": _LIST_COLUMNS, "Procedures": _LIST_COLUMNS}
#: Every table that may stand in a sheet, and what it cannot do without.
TABLE_COLUMNS: Final = INPUT_COLUMNS | LIST_COLUMNS
TABLE_NEEDS: Final = REQUIRED_COLUMNS | dict.fromkeys(LIST_COLUMNS, ("patient_id", "date"))
#: A sheet named so, with the name of a table after it, is the template's example; it is never audited.
EXAMPLE_PREFIX: Final = "Example "
ABOUT_KEYS: Final = (
    "practice_id",
    "extract_date",
    "history_start",
    "period_from",
    "period_to",
    "source_system",
)

VERDICT_COLUMNS: Final = (
    "patient_id",
    "practice_id",
    "criterion",
    "outcome",
    "reason",
    "within_grace",
    "basis",
    "from_date",
    "due_date",
    "limit_date",
    "to_date",
    "days",
    "intervals_met",
    "intervals_judged",
)
INTERVAL_COLUMNS: Final = (
    "patient_id",
    "practice_id",
    "kind",
    "from_date",
    "to_date",
    "days",
    "months",
    "due_date",
    "limit_date",
    "neurological",
    "criterion",
    "outcome",
    "reason",
    "basis",
)
FINDING_COLUMNS: Final = (
    "severity",
    "code",
    "file",
    "sheet",
    "row",
    "column",
    "field",
    "value",
    "message",
)
RECALL_COLUMNS: Final = (
    "patient_id",
    "practice_id",
    "state",
    "week",
    "week_from",
    "last_injection",
    "months",
    "earlier_due_date",
    "due_date",
    "limit_date",
    "days_late",
    "neurological",
    "basis",
    "reason",
)
