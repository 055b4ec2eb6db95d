"""Clinical codes and their terms: each listed code says what it should, and nothing else says anything."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit.intake.check_digits import check_digit_fits, is_damaged
from audit.intake.code_list import SAYS, code_list
from audit.intake.codes import read_codes
from audit.intake.drugs import Drug, read_drug
from audit.intake.words import read_word

LISTED = code_list()


def says(code: str = "", term: str = "") -> dict[str, str]:
    """What one pair says."""
    read = read_codes([code], [term])
    places = {field: int(read.places(field)[0]) for field in SAYS}
    return {field: SAYS[field][place] for field, place in places.items() if place != -1}


def flags(code: str = "", term: str = "") -> set[str]:
    """What else is true of one pair."""
    read = read_codes([code], [term])
    names = ("by_term", "damaged", "degraded", "drug", "differs", "names_b12", "unread")
    return {name for name in names if getattr(read, name)[0]}


def stated(cause: str) -> dict[str, str]:
    return {"deficiency": "diagnosed", "cause": cause, "cause_from": "deficiency"}


def condition(cause: str) -> dict[str, str]:
    return {"cause": cause, "cause_from": "condition"}


DEFICIENCY = {"deficiency": "diagnosed"}
NERVES = {"deficiency": "diagnosed", "neurological_involvement": "yes"}
#: The curated codes, typed anew: those of a line say the same.
CURATED: list[tuple[str, dict[str, str]]] = [
    ("84027009 234362006 234361004 193213003 D010. XE2ro", stated("autoimmune")),
    ("190634004 64117007 49472006 191154007 D011. C2621 D0130 Xa9Aw", DEFICIENCY),
    ("161457000 1452.", {"deficiency": "history"}),
    ("717947009", stated("medicine")),
    ("717946000 191142007 26333003", stated("malabsorption")),
    ("267517008 234360003 78997000 44910003 D0110 XE13h", stated("dietary")),
    ("60576007 699258007 870290001 420920007 762297005 192817003 1186880002 F162.", NERVES),
    ("1105051000000102", NERVES | stated("nitrous_oxide")),
    ("82108004", {"neurological_involvement": "yes"}),
    ("58610003 719430008 30483005", {"indication": "lebers_or_tobacco_amblyopia"}),
    ("84568007 J1510", condition("autoimmune")),
    ("12238007", stated("gastrectomy")),
    (
        "34000006 38106008 196977009 56689002 396331005 26629001 235724004 66379009 37992001 J40.. J690.",
        condition("malabsorption"),
    ),
    ("28213007 1065281000000105", condition("nitrous_oxide")),
    ("73891003", stated("nitrous_oxide")),
    ("308752009 7L185", {"event": "administered", "route": "intramuscular"}),
    ("170823005 66E5.", {"event": "administered"}),
    ("170822000 66E4.", {"event": "given_elsewhere"}),
    ("170826002 66E8.", {"event": "stopped"}),
    ("77176002 65568007", {"smoker": "yes"}),
    ("8517006 160617001 266919005 8392000", {"smoker": "no"}),
    (
        "993391000000108 271216009 365607006 165645009 42T.. 42T2. 44Lc. 44Le. XE2pf X76tA XaJ27",
        {"test": "vitamin_b12"},
    ),
    ("993411000000108 993401000000106 993421000000102", {"test": "folate"}),
    ("993381000000106", {"test": "ferritin"}),
    ("1000651000000109 1017401000000106 1012671000000103", {"test": "potassium"}),
    ("1022431000000105 271026005 1107511000000100", {"test": "haemoglobin"}),
    ("1022491000000106", {"test": "mcv"}),
    # known, and not used: started, due, monitoring; reactions; too many reasons; parts of a prescription
    ("170821007 66E3. 1842071000006108 170818005 66E..", {}),
    ("293395005 293396006 293397002 47481007 218704008 78421000 422145002 413516001", {}),
]
#: Listed beside the curated ones: resection of ileum, and the Read codes of NHS test records.
BESIDE: list[tuple[str, dict[str, str]]] = [
    ("7640.", {"cause": "ileal_resection", "cause_from": "operation"}),
    ("42U4. 42UE.", {"test": "folate"}),
    ("42R4.", {"test": "ferritin"}),
    ("44I4.", {"test": "potassium"}),
    ("423..", {"test": "haemoglobin"}),
    ("42A..", {"test": "mcv"}),
]
EXPECTED = [(code, meaning) for codes, meaning in CURATED + BESIDE for code in codes.split()]


@pytest.mark.parametrize(("code", "meaning"), EXPECTED)
def test_a_listed_code_says_what_it_should(code: str, meaning: dict[str, str]) -> None:
    assert says(code) == meaning
    assert "unread" not in flags(code)


def test_no_code_is_listed_beyond_these() -> None:
    listed = [code.code for group in LISTED.groups for code in group.codes]
    assert set(listed) == {code for code, _ in EXPECTED}
    assert len(EXPECTED) == len({code for code, _ in EXPECTED})


#: The curated codes of medicines: substance, route, micrograms.
MEDICINES = [
    ("327529002 0901020N0", ("hydroxocobalamin", None, None)),
    ("30010009 0901020D0", ("cyanocobalamin", None, None)),
    ("18132411000001100 0901020T0", ("methylcobalamin", None, None)),
    (
        "327531006 39111511000001100 2859411000001105 2860311000001102 2858511000001103 15630011000001101 "
        "3310111000001109 2859911000001102 24155111000001102 26772211000001101 2859611000001108 39238111000001107 "
        "23922611000001101 29874211000001103 11558811000001104 22044811000001108 i312. "
        "0901020N0AAABAB 0901020N0BBAAAB 0901020N0BDAAAB",
        ("hydroxocobalamin", "injection", 1000),
    ),
    ("24856311000001103 0901020N0AAAMAM 0901020N0BEAAAM", ("hydroxocobalamin", "injection", 10_000)),
    (
        "327537005 37084011000001108 318511000001109 0901020D0AAADAD 0901020D0BBABAD",
        ("cyanocobalamin", "injection", 1000),
    ),
    ("327545000 285811000001106 37477911000001102 0901020D0AAAEAE 0901020D0BCAAAE", ("cyanocobalamin", "oral", 50)),
    ("34199011000001109 0901020D0AAAJAJ", ("cyanocobalamin", "oral", 100)),
    ("39297211000001107", ("cyanocobalamin", "oral", 500)),
    (
        "21366111000001101 7902511000001100 38930811000001104 29760311000001108 37478611000001107 "
        "0901020D0AAAFAF 0901020D0AAAHAH",
        ("cyanocobalamin", "oral", 1000),
    ),
    ("18083611000001105 0901020D0AAAIAI", ("cyanocobalamin", "sublingual", 1000)),
    ("327546004 4907311000001104", ("cyanocobalamin", "oral", 35)),
    ("18146511000001104 18113911000001107 0901020T0AAADAD", ("methylcobalamin", "injection", 500)),
    ("24645311000001104", ("methylcobalamin", "oral", 1000)),
    ("24645411000001106", ("methylcobalamin", "oral", 5000)),
]


@pytest.mark.parametrize(("codes", "facts"), MEDICINES)
def test_a_curated_medicine_is_one_of_the_drugs(codes: str, facts: tuple[str, str | None, float | None]) -> None:
    for code in codes.split():
        drug = read_drug(code)
        assert (drug.substance, drug.route, drug.micrograms) == facts, code
        assert says(code) == {}
        assert flags(code) == {"drug"}


def test_every_number_carries_its_check_digit() -> None:
    numbers = [code for code, _ in EXPECTED if code.isdigit()]
    numbers += [code for codes, _ in MEDICINES for code in codes.split() if code.isdigit()]
    assert [code for code in numbers if not check_digit_fits(code)] == []
    assert len(numbers) == 119
    assert check_digit_fits(LISTED.degraded)


def test_no_code_or_words_stand_in_two_groups() -> None:
    codes: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    for group in LISTED.groups:
        for code in group.codes:
            codes.setdefault(code.code, set()).add(group.title)
        for term in (*(code.term for code in group.codes), *group.words):
            keys.setdefault(LISTED.spelling.key(term), set()).add(group.title)
    assert [code for code, groups in codes.items() if len(groups) > 1] == []
    assert [key for key, groups in keys.items() if len(groups) > 1 or not key] == []


def test_the_list_holds_together() -> None:
    for group in LISTED.groups:
        assert all(word in SAYS[field] for field, word in group.says.items()), group.title
        assert ("cause" in group.says) == ("cause_from" in group.says)
        # a row goes to one table only
        tables = [{"event", "route"}, {"test"}, {"pregnant_or_breastfeeding"}]
        assert sum(bool(fields & set(group.says)) for fields in [*tables, set(SAYS).difference(*tables)]) <= 1
        assert {letter for code in group.codes for letter in code.sources} <= set(LISTED.sources)
    assert set(LISTED.test_places) == set(SAYS["test"])


# --- how a code may be written


@pytest.mark.parametrize("code", ["42T..", "42T", "42T..00", "42T..11", " 42T.. "])
def test_read_codes_with_their_synonym_or_without_dots(code: str) -> None:
    assert says(code) == {"test": "vitamin_b12"}


@pytest.mark.parametrize(
    "code",
    ["42t..", "42T...", "423", "1452", "d010.", "84027009.0", "84027019", "840270090", "D010.0", "XE2RO", "G27"],
)
def test_a_code_written_otherwise_is_not_known(code: str) -> None:
    assert says(code) == {}
    assert "unread" in flags(code)


@pytest.mark.parametrize("code", ["1105051000000100", "1842071000006100", "9.93391E+14", "1.10505E+15"])
def test_a_damaged_code_gives_way_to_its_term(code: str) -> None:
    assert is_damaged(code)
    assert flags(code) == {"damaged", "unread"}
    assert says(code, "Serum vitamin B12 level") == {"test": "vitamin_b12"}
    assert flags(code, "Serum vitamin B12 level") == {"damaged", "by_term"}


def test_a_record_that_lost_its_code_is_read_by_its_words() -> None:
    degraded = "196411000000103"
    assert says(degraded, "B12/FOLATE") == {"test": "vitamin_b12"}
    assert flags(degraded, "B12/FOLATE") == {"degraded", "by_term"}
    for term in ("", "Transfer-degraded record entry"):
        assert flags(degraded, term) == {"degraded", "unread"}


# --- words

WORDS: list[tuple[str, dict[str, str]]] = [
    ("Autoimmune gastritis", condition("autoimmune")),
    ("Pernicious anemia (disorder)", stated("autoimmune")),
    ("[X]Vitamin B-12 deficiency anaemia", DEFICIENCY),
    ("Vit. B12 deficiency", DEFICIENCY),
    ("Patient has vitamin B12 deficiency", DEFICIENCY),
    ("H/O: Pernicious anaemia", stated("autoimmune") | {"deficiency": "history"}),
    ("History of vitamin B12 deficiency", {"deficiency": "history"}),
    ("Total gastrectomy", {"cause": "gastrectomy", "cause_from": "operation"}),
    ("Laparoscopic sleeve gastrectomy (procedure)", {"cause": "gastrectomy", "cause_from": "operation"}),
    ("H/O: gastrectomy", {"cause": "gastrectomy", "cause_from": "operation"}),
    ("Roux-en-Y gastric bypass", {"cause": "malabsorption", "cause_from": "operation"}),
    ("Resection of terminal ileum", {"cause": "ileal_resection", "cause_from": "operation"}),
    ("Vegan diet", condition("dietary")),
    ("Misuse of nitrous oxide", condition("nitrous_oxide")),
    ("CROHN’S DISEASE", condition("malabsorption")),
    ("Celiac disease", condition("malabsorption")),
    ("Subacute combined degeneration of the cord", NERVES),
    ("Leber hereditary optic neuropathy", {"indication": "lebers_or_tobacco_amblyopia"}),
    ("Never smoked", {"smoker": "no"}),
    ("Ex smoker", {"smoker": "no"}),
    ("Pregnant", {"pregnant_or_breastfeeding": "yes"}),
    ("Currently breastfeeding", {"pregnant_or_breastfeeding": "yes"}),
    ("Vitamin B12 injection given", {"event": "administered"}),
    ("B12 inj given by nurse", {"event": "administered"}),
    ("Vitamin B12 injection declined", {"event": "declined"}),
    ("Refused B12 injection", {"event": "declined"}),
    ("Did not attend for B12 injection", {"event": "not_attended"}),
    ("DNA - B12 injection", {"event": "not_attended"}),
    ("B12 injection deferred", {"event": "deferred"}),
    ("Hydroxocobalamin injection given at home", {"event": "given_elsewhere"}),
    ("B12 injection self-administered", {"event": "self_administered"}),
    ("SB12", {"test": "vitamin_b12"}),
    ("VB12", {"test": "vitamin_b12"}),
    ("1BF", {"test": "vitamin_b12"}),
    ("IFAB", {"test": "intrinsic_factor_antibody"}),
    ("IFAX", {"test": "intrinsic_factor_antibody"}),
    ("IFA", {"test": "intrinsic_factor_antibody"}),
    ("Active B12", {"test": "active_b12"}),
    ("Serum methylmalonic acid level", {"test": "mma"}),
    ("Plasma homocysteine", {"test": "homocysteine"}),
    ("Vitamin B6 level", {"test": "vitamin_b6"}),
    ("Serum folic acid level", {"test": "folate"}),
    ("MCV - Mean corpuscular volume", {"test": "mcv"}),
    ("Vitamin B12 injection due", {}),
    ("B12 injections started", {}),
]


@pytest.mark.parametrize(("term", "meaning"), WORDS)
def test_words_without_a_code_are_read(term: str, meaning: dict[str, str]) -> None:
    assert says(term=term) == meaning
    assert flags(term=term) == {"by_term"}
    assert says("999999", term) == meaning


@pytest.mark.parametrize(
    "term",
    [
        "No vitamin B12 deficiency",
        "Family history of pernicious anaemia",
        "FH: Pernicious anaemia",
        "At risk of vitamin B12 deficiency",
        "Vitamin B12 deficiency screening",
        "Screening for coeliac disease",
        "? Pernicious anaemia",
        "Pernicious anaemia?",
        "Suspected coeliac disease",
        "No history of gastrectomy",
        "Family history: gastrectomy",
        "H/O: coeliac disease",
        "History of vegan diet",
        "H/O: subacute combined degeneration of spinal cord",
        "Not pregnant",
        "Vegan mother",
        "Vegetarian diet",
        "Bariatric surgery",
        "Gastroscopy",
        "SCD",
        "Sickle cell disease",
        "Passive smoker",
        "Non-vegan",
        "Metformin",
        "Peripheral neuropathy",
        "Did not attend",
        "Injection given",
        "Injection declined",
        "Vitamin B12 injection",
        "B12 injection not given",
        "B12 injection leaflet given",
        "Haemoglobin A1c level",
        "Mean corpuscular haemoglobin",
        "Urine potassium level",
        "Folic acid",
        "Cobalamin",
        "Pyridoxine",
        "Potassium supplement",
        "history",
        "serum",
        "",
    ],
)
def test_other_words_say_nothing(term: str) -> None:
    assert says(term=term) == {}
    assert flags(term=term) - {"names_b12"} == {"unread"}


def test_unread_words_about_b12_are_told_apart() -> None:
    assert flags(term="Vitamin B12 injection?") == {"unread", "names_b12"}
    assert flags(term="Bariatric surgery") == {"unread"}


# --- a code and a term


@pytest.mark.parametrize(
    ("code", "term", "differ"),
    [
        ("84027009", "Pernicious anaemia", False),
        ("84027009", "Addison's anaemia", False),
        ("84027009", "Vitamin B12 deficiency", False),
        ("84027009", "", False),
        ("64117007", "Vitamin B12 deficiency (non anaemic)", False),
        ("8392000", "Non-smoker", False),
        ("170818005", "No B12 monitoring", False),
        ("84027009", "Coeliac disease", True),
        ("84027009", "Serum ferritin", True),
        ("84027009", "FH: pernicious anaemia", True),
        ("84027009", "Pernicious anaemia?", True),
        ("84027009", "H/O: pernicious anaemia", True),
        ("77176002", "Never smoked", True),
        ("308752009", "B12 injection declined", True),
        ("1842071000006108", "B12 injection given", True),
        ("993391000000108", "Serum folate level", True),
    ],
)
def test_the_code_wins_and_a_different_term_is_reported(code: str, term: str, differ: bool) -> None:
    assert says(code, term) == says(code)
    assert flags(code, term) == ({"differs"} if differ else set())


def test_pairs_are_read_in_order() -> None:
    read = read_codes(["42T..", "", "nonsense"], ["", "Smoker", "nonsense"])
    assert read.places("test").tolist() == [0, -1, -1]
    assert read.says("smoker", "yes").tolist() == [False, True, False]
    assert read.unread.tolist() == [False, False, True]
    assert len(read_codes([], []).group) == 0


# --- laws

KEYS = sorted(LISTED.by_key)
TERMS = st.sampled_from(
    [term for group in LISTED.groups for term in (*(code.term for code in group.codes), *group.words)]
    + [f"{name} {action}" for group in LISTED.groups for action in group.actions for name in LISTED.injections]
    + ["Serum vitamin B12 level", "Hb", "IFAB", "Active B12"]
)
DENIALS = ["no", "not", "no evidence of", "never", "without", "denies", "family history of", "FH:", "at risk of"]
DENIALS += ["screening for", "suspected", "?", "possible", "query", "rule out", "mother has"]


@given(TERMS, st.sampled_from(DENIALS))
def test_a_denied_term_says_nothing(term: str, denial: str) -> None:
    for denied in (f"{denial} {term}", f"{term} - {denial}", f"{term} ({denial})"):
        assume(LISTED.spelling.key(denied) not in LISTED.by_key)  # "never" before "smoked tobacco"
        assert says("", denied) == {}, denied
        assert says("999999", denied) == {}, denied


def test_a_denial_makes_another_listed_term_only_of_smoking() -> None:
    terms = {LISTED.groups[LISTED.by_key[key]].says.get("smoker") for key in KEYS if key.split()[0] in ("non", "never")}
    assert terms == {"no"}


@given(TERMS, st.text(st.characters(categories=["Ll", "Lu"]), min_size=3, max_size=8), st.booleans())
def test_an_unknown_word_makes_a_term_unread(term: str, word: str, first: bool) -> None:
    known = {part for key in KEYS for part in key.split()} | LISTED.spelling.neutral | set(LISTED.spelling.same)
    sample = {"serum", "plasma", "blood", "level", "levels", "concentration", "estimation", "measurement", "test"}
    assume(LISTED.spelling.key(word) and not (known | sample) & set(LISTED.spelling.key(word).split()))
    assume(word.casefold() not in ("hx", "pmh", "total", "active", "anti"))
    assert says("", f"{word} {term}" if first else f"{term} {word}") == {}


@given(st.text(max_size=20), st.text(max_size=30))
def test_an_unknown_pair_says_nothing(code: str, term: str) -> None:
    plain = unicodedata.normalize("NFKC", code).strip()
    assume(LISTED.find_code(plain) is None and LISTED.spelling.key(term) not in LISTED.by_key)
    assume(read_word("test", term) is None)
    assert says(code, term) == {}
    assert flags(code, term) & {"unread", "drug"}


def test_a_shortened_code_of_a_drug_is_no_other_drug() -> None:
    assert read_drug("3.92381E+16") == Drug(None, None, None, None)
