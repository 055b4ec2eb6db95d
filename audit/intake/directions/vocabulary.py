"""The vocabulary of direction texts, and how a text is cut into its words.

A word that is in none of these lists, nor a number, a date or punctuation, leaves a text unread.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, Literal

Unit = Literal["days", "weeks", "months"]


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _phrases(phrases: str) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(phrase.split()) for phrase in phrases.split(";")), key=len, reverse=True))


#: What a word is read as. Misspellings count only when listed.
SAME: Final[Mapping[str, str]] = {
    word: meaning
    for meaning, words in {
        "every": "every evry evey eveery everey evrey each eery evert q",
        "day": "day days dys",
        "week": "week weeks wk wks weeek weeeks weks wek weaks wekks",
        "fortnight": "fortnight fortnights",
        "month": "month months mth mths mnth mnths mo mos motnhs monhts monts monht momths moths mnoths montsh",
        "quarter": "quarter quarters",
        "year": "year years yr yrs annum",
        "daily": "daily dly",
        "weekly": "weekly wkly weekley weeklly wekly weely weeky wkl weekely wklly",
        "fortnightly": "fortnightly fortnighly",
        "monthly": "monthly mthly mnthly monthy montly monthley mothly monthlly motnhly montlhy mthy mnthy",
        "quarterly": "quarterly quartely quaterly quartley",
        "yearly": "yearly annually anually yrly",
        "alternate": "alternate alternating alt alternte altenate alernate",
        "time": "time times tmes",
        "dose": "dose doses",
        "injection": "injection injections injecton injeciton inj injs injn injctions jab jabs",
        "amp": "amp amps ampoule ampoules ampule ampules ampul ampuls ampolue ampoul vial vials",
        "tablet": "tablet tablets tab tabs capsule capsules",
        "mg": "mg mgs milligram milligrams microgram micrograms mcg mcgs ug microgrammes",
        "ml": "ml mls millilitre millilitres",
        "b12": "b12 b-12",
        "until": "until til till untill",
        "x": "x ×",
        "and": "and &",
        "mon": "mon monday mondays",
        "tue": "tue tues tuesday tuesdays",
        "wed": "wed weds wednesday wednesdays",
        "thu": "thu thur thurs thursday thursdays",
        "fri": "fri friday fridays",
        "sat": "sat saturday saturdays",
        "sun": "sun sunday sundays",
        "for": "for",
        "over": "over",
        "total": "total",
        "loading": "loading load loadng initial initially",
    }.items()
    for word in words.split()
}
PLURAL: Final = frozenset({"doses", "injections", "jabs", "injs"})
WEEKDAYS: Final = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun"})
MONTHS: Final = _listed(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
#: Words that say nothing of how often.
NOTES: Final = _listed(
    "inject injected injecting give given administer administered im intramuscular intramuscularly sc subcut "
    "subcutaneous subcutaneously deep route via use amp injection dose tablet solution hydroxocobalamin "
    "hydroxycobalamin hydroxocobalamine cyanocobalamin hydroxocob cobalin neo cytamen vitamin vit b12 maintenance "
    "ongoing lifelong indefinitely nurse nurses pn dn gp hca self please regular regularly stat slowly continue "
    "take intramusc intra muscular repeat pernicious anaemia deficiency sig"
)
#: Phrases that say nothing of how often, longest first; their words alone may be outside the vocabulary.
PHRASES: Final = _phrases(
    "the contents of; contents of; to be given; to be injected; to be administered; to be self administered; "
    "to be taken; to be used; to give; to administer; to inject; to self inject; to self administer; patient "
    "to self inject; patient to self administer; self injection; self administration; for self injection; for "
    "self administration; for life; life long; long term; for long term use; cobalin h; for pernicious "
    "anaemia; for b12 deficiency; for vitamin b12 deficiency; for vit b12 deficiency; for administration; for "
    "nurse administration; for injection; for im injection; for im use; for im administration; for "
    "intramuscular injection; for intramuscular use; for nurse to give; for nurse to administer; for practice "
    "nurse to give; for use; nurse to give; nurse to administer; nurse to inject; practice nurse; district "
    "nurse; district nurses; treatment room; treatment room nurse; loading completed; loading complete; "
    "loading dose completed; loading dose complete; loading dose given; after loading; after loading dose; "
    "after loading course; as maintenance; as an injection; as injection; by mouth"
)
BY_WHOM: Final = _listed(
    "the a an our your practice district community surgery nurse nurses gp hca pn dn patient doctor clinic team "
    "im sc intramuscular subcutaneous deep injection self treatment room"
)
WHERE: Final = _listed(
    "the left right upper outer l r deltoid arm arms shoulder thigh muscle buttock gluteal gluteus surgery practice "
    "clinic home gp treatment room alternate"
)
UNTIL: Final = _listed(
    "no further more symptomatic neurological clinical improvement improvements in symptoms there is are has been "
    "stop stops stopped improving plateau plateaus ceases resolve resolves resolved the blood count normal "
    "normalises stable asymptomatic reviewed review notice"
)
DATE_OPENERS: Final = _listed(
    "next last due given starting started start commencing commenced commence from since on dose injection is"
)
#: Before a bare "3/12" these make it a date, or a time from now.
NO_INTERVAL_AFTER: Final = DATE_OPENERS | {"injected", "administered", "repeat", "in", "at", "after", "to", "for"}

UNITS: Final[Mapping[str, tuple[int, Unit]]] = {
    "day": (1, "days"),
    "week": (1, "weeks"),
    "fortnight": (2, "weeks"),
    "month": (1, "months"),
    "quarter": (3, "months"),
    "year": (12, "months"),
}
ADVERBS: Final = {
    "daily": "day",
    "weekly": "week",
    "fortnightly": "fortnight",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
SHORT_UNITS: Final = {"d": "day", "w": "week", "m": "month", "y": "year"}
SLASH_UNITS: Final = {"7": "day", "52": "week", "12": "month"}
ABBREVIATED_A_WEEK: Final = {"tiw": 3.0, "mwf": 3.0, "eod": 3.5, "qod": 3.5}
ABBREVIATED_A_DAY: Final = {"od": 1.0, "bd": 2.0, "bid": 2.0, "tds": 3.0, "tid": 3.0, "qds": 4.0}
TIMES: Final = {"once": 1, "twice": 2, "thrice": 3}

# --- making the text uniform


def _numbered(words: str, step: int = 1, start: int = 1) -> dict[str, int]:
    """The words' numbers, counted by `step`; words joined by `=` have one number."""
    return {word: step * number for number, same in enumerate(words.split(), start=start) for word in same.split("=")}


_ONES: Final = _numbered(
    "one two three=thre four five six seven eight nine ten eleven twelve=twelv=tweleve=twelwe thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", step=10, start=2)
_ORDINALS: Final[Mapping[str, str]] = {
    word: f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number, 'th') }"
    for word, number in _numbered(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    ).items()
}
_NUMBER_WORD: Final = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<unit>{'|'.join(list(_ONES)[:10])})\b)?|(?P<ones>{'|'.join(_ONES)}))\b"
)
_ORDINAL_WORD: Final = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})\b")
_DOTTED: Final = re.compile(r"\b(?:[a-z]\.)+[a-z]\b\.?|\b(?:[a-z]\.){2,}")
_SLASHED: Final = re.compile(r"\b[a-z](?:/[a-z])+\b")
_DASH: Final = re.compile("[\u2010-\u2015\u2212]")
_SLASH: Final = re.compile("[\u2044\u2215]")
_JOINING_HYPHEN: Final = re.compile(r"(?<=[a-z])(?<!\bb)-(?=\w)|(?<=\w)-(?=[a-z])")
_TOKEN: Final = re.compile(
    r"(?P<date>\d{1,2}([./-])\d{1,2}\2(?:\d{4}|\d{2})(?!\d)|\d{4}-\d{2}-\d{2}(?!\d))|b-?12(?!\d)|"
    r"\d+(?:st|nd|rd|th)\b|\d{1,3}(?:,\d{3})+(?!\d)|\d*\.\d+|\d+|[^\W\d_]+|\S"
)
_REPEATED_NUMBER: Final = re.compile(r"\b(\d+) ?\( ?\1 ?\)")


def _spelled(match: re.Match[str]) -> str:
    if match["ones"]:
        return str(_ONES[match["ones"]])
    return str(_TENS[match["tens"]] + _ONES.get(match["unit"] or "", 0))


def words_of(text: str) -> list[str]:
    """The text's words in lower case: numbers as digits, dates as `<date>`, punctuation as words of its own."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u")
    plain = _SLASH.sub("/", _DASH.sub("-", plain))
    plain = _SLASHED.sub(lambda match: match[0].replace("/", ""), _DOTTED.sub(_without_dots, plain))
    plain = _ORDINAL_WORD.sub(lambda match: _ORDINALS[match[0]], _NUMBER_WORD.sub(_spelled, plain))
    plain = _REPEATED_NUMBER.sub(r"\1", _JOINING_HYPHEN.sub(" ", plain))
    return ["<date>" if match["date"] else match[0].replace(",", "") or "," for match in _TOKEN.finditer(plain)]


def _without_dots(match: re.Match[str]) -> str:
    return match[0].replace(".", "")
