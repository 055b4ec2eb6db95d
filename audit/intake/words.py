"""The words that practices write, and the published word each of them stands for.

Only unmistakable synonyms: a word that is not here is a finding, never a guess ("hospital" is no event,
"coeliac" and "gastric bypass" are no cause of the list).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from schemas import vocabulary

#: Cells that say nothing, in any case.
BLANK_WORDS: Final = frozenset(("", "n/a", "na", "none", "null", "nan", "-"))

_YES: Final = ("y", "true", "1")
_NO: Final = ("n", "false", "0")

_SYNONYMS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = MappingProxyType(
    {
        "sex": {
            "female": ("f", "woman"),
            "male": ("m", "man"),
            "other": ("i", "indeterminate", "non-binary"),
            "unknown": ("u", "not known"),
        },
        "indication": {
            "deficiency": ("b12 deficiency", "vitamin b12 deficiency"),
            "prophylaxis": ("prophylactic",),
            "lebers_or_tobacco_amblyopia": (
                *("leber's", "leber's optic atrophy", "leber's hereditary optic neuropathy"),
                *("leber optic atrophy", "tobacco amblyopia", "leber's / tobacco amblyopia"),
            ),
            "metabolic": ("inborn error of metabolism", "methylmalonic aciduria", "methylmalonic acidaemia"),
        },
        "cause": {
            "autoimmune": (
                *("autoimmune gastritis", "pernicious anaemia", "pernicious anemia"),
                *("addisonian pernicious anaemia", "autoimmune atrophic gastritis"),
            ),
            "gastrectomy": (
                *("total gastrectomy", "partial gastrectomy", "subtotal gastrectomy", "post gastrectomy"),
                *("gastric resection", "resection of stomach"),
            ),
            "ileal_resection": (
                *("ileum resection", "resection of ileum", "terminal ileal resection"),
                *("terminal ileum resection", "crohn's ileal resection", "crohn's disease ileal resection"),
                "ileal resection for crohn's disease",
            ),
            "malabsorption": ("malabsorption syndrome",),
            "medicine": (
                *("medication", "medicines", "drug induced", "medicine induced", "medication induced"),
                *("metformin", "ppi", "proton pump inhibitor"),
            ),
            "nitrous_oxide": ("nitrous oxide misuse", "recreational nitrous oxide", "n2o"),
            "dietary": ("diet", "diet related", "dietary deficiency", "vegan", "vegan diet"),
            "unknown_after_investigation": ("no cause found", "no cause found after investigation"),
            "unknown": ("u", "not known"),
        },
        "neurological_involvement": {
            "yes": _YES,
            "no": _NO,
            "unknown": ("u", "not known", "uncertain", "unsure"),
        },
        "pregnant_or_breastfeeding": {"yes": (*_YES, "pregnant", "breastfeeding"), "no": _NO},
        "smoker": {
            "yes": (*_YES, "smoker", "current smoker"),
            "no": (*_NO, "non-smoker", "ex-smoker", "former smoker", "never smoked"),
        },
        "event": {
            "administered": (
                *("given", "administration", "administered by nurse", "nurse administered", "given by nurse"),
                *("injected", "injection given", "b12 injection given"),
            ),
            "self_administered": (
                *("self administration", "self injected", "self injection", "self given"),
                *("administered by self", "self-administered at home"),
            ),
            "given_elsewhere": ("administered elsewhere", "injected elsewhere", "injection given elsewhere"),
            "issued": ("issue", "prescribed", "prescription", "prescription issued"),
            "declined": ("refused", "patient declined", "patient refused", "injection declined"),
            "deferred": ("postponed", "injection deferred"),
            "not_attended": ("dna", "did not attend", "non attendance", "failed to attend"),
            "stopped": ("ceased", "discontinued", "treatment stopped", "injections stopped"),
        },
        "route": {
            "intramuscular": (
                *("im", "i/m", "intramuscularly", "intramuscular injection", "im injection"),
                *("intramuscular use", "intramuscular route"),
            ),
            "subcutaneous": (
                *("sc", "s/c", "subcut", "sub cut", "subcutaneously", "subcutaneous injection"),
                *("sc injection", "subcutaneous use", "subcutaneous route"),
            ),
            "injection": ("inj", "by injection"),
            "intravenous": (
                *("iv", "i/v", "intravenously", "intravenous injection", "intravenous infusion"),
                *("iv infusion", "intravenous use", "intravenous route"),
            ),
            "oral": ("po", "orally", "by mouth", "per os", "oral use", "oral route"),
            "sublingual": ("sl", "s/l", "sublingually", "under the tongue", "sublingual use"),
            "nasal": ("nasally", "intranasal", "nasal spray", "nasal use"),
            "other": ("other route",),
        },
        "test": {
            "vitamin_b12": ("b12", "vit b12", "total b12", "total vitamin b12", "cobalamin", "sb12", "vb12"),
            "active_b12": ("active vitamin b12", "holotranscobalamin", "holotc"),
            "mma": ("methylmalonic acid", "methylmalonate"),
            "homocysteine": ("total homocysteine", "hcy"),
            "folate": ("folic acid", "red cell folate", "red blood cell folate", "rbc folate"),
            "ferritin": (),
            "vitamin_b6": ("b6", "vit b6", "pyridoxine", "pyridoxal phosphate", "pyridoxal 5 phosphate"),
            "potassium": ("k", "k+"),
            "haemoglobin": ("hb", "hgb", "hemoglobin"),
            "mcv": ("mean corpuscular volume", "mean cell volume"),
            "reticulocytes": ("reticulocyte", "reticulocyte count", "retics", "retic count"),
            "intrinsic_factor_antibody": (
                *("intrinsic factor antibodies", "intrinsic factor ab", "anti intrinsic factor antibody"),
                *("if antibody", "if antibodies", "if ab", "ifa", "ifab", "ifax", "gastric intrinsic factor antibody"),
            ),
        },
        "outcome": {
            "improving": ("still improving", "symptoms improving"),
            "no_further_improvement": ("plateau", "plateaued", "no more improvement"),
            "resolved": ("symptoms resolved", "fully resolved", "complete resolution"),
            "not_improved": ("no improvement", "not improving", "no better"),
            "worse": ("worsening", "worsened", "deteriorated", "deteriorating"),
            "other": (),
        },
    }
)

VOCABULARY: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sex": vocabulary.SEX,
        "indication": vocabulary.INDICATION,
        "cause": vocabulary.CAUSE,
        "neurological_involvement": vocabulary.YES_NO_UNKNOWN,
        "pregnant_or_breastfeeding": vocabulary.YES_NO,
        "smoker": vocabulary.YES_NO,
        "event": vocabulary.EVENT,
        "route": vocabulary.ROUTE,
        "test": vocabulary.TEST,
        "outcome": vocabulary.REVIEW_OUTCOME,
    }
)

#: Words of a yes-or-no column that say nothing.
NOT_KNOWN: Final = frozenset(("unknown", "notknown", "u"))
#: Words round a test's name that change nothing.
_SAMPLE: Final = frozenset(
    ("serum", "plasma", "blood", "level", "levels", "concentration", "estimation", "measurement", "test")
)


def squash(typed: str) -> str:
    """A word without case, spaces and punctuation: "Patient ID*" is "patientid", "s/c" is "sc"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", typed).casefold())


def _lookup(field: str) -> dict[str, int]:
    words = VOCABULARY[field]
    synonyms = _SYNONYMS[field]
    return {squash(typed): place for place, word in enumerate(words) for typed in (word, *synonyms[word])}


_LOOKUPS: Final = {field: _lookup(field) for field in VOCABULARY}


def synonyms(field: str, word: str) -> tuple[str, ...]:
    """What else may be typed for a word of a field; nothing for one that it does not have."""
    return tuple(_SYNONYMS[field].get(word, ()))


def read_word(field: str, typed: str) -> int | None:
    """The place of a typed word in the field's vocabulary; None when it is not known, or typed with a doubt ("no?")."""
    if "?" in typed:
        return None
    found = _LOOKUPS[field].get(squash(typed))
    if found is None and field == "test":
        tokens = [token for token in re.split(r"[\W_]+", typed.casefold()) if token not in _SAMPLE]
        found = _LOOKUPS[field].get(squash("".join(tokens)))
    return found
