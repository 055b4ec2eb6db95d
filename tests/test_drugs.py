from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.intake.drugs import Drug, read_drug
from schemas.vocabulary import B12_SUBSTANCES, ROUTE, SUBSTANCE

HYDROXO, CYANO, METHYL, ADENOSYL = B12_SUBSTANCES
UNREADABLE = Drug(None, None, None, None)
OTHER = Drug("other", None, None, None)

PRODUCTS = [
    ("Hydroxocobalamin 1mg/1ml solution for injection ampoules", HYDROXO, "injection", 1000, 1000),
    ("Hydroxocobalamin_Inj 1mg/ml 1ml Amp", HYDROXO, "injection", 1000, 1000),
    ("HYDROXOCOBALAMIN 1000 MICROGRAMS/1ML AMPS x 5", HYDROXO, "injection", 1000, 1000),
    ("hydroxocobalamin 1,000 µg/mL", HYDROXO, None, 1000, 1000),
    ("hydroxocobalamin 1,000 μg/mL IM", HYDROXO, "intramuscular", 1000, 1000),
    ("Hydroxocobalamin 1 mg / 1 ml i.m.", HYDROXO, "intramuscular", 1000, 1000),
    ("Hydroxocobalamin 1mg in 1ml intramuscular injection", HYDROXO, "intramuscular", 1000, 1000),
    ("Hydroxocobalamin 1mg s/c", HYDROXO, "subcutaneous", 1000, None),
    ("Hydroxocobalamin 1mg IM/SC injection", HYDROXO, "injection", 1000, None),
    ("Hydroxocobalamin 1mg 1ml amp", HYDROXO, "injection", 1000, 1000),
    ("Hydroxocobalamin_Inj 5mg/ml 2ml Amp", HYDROXO, "injection", 10_000, 5000),
    ("Hydroxocobalamin 10mg/2ml solution for injection ampoules", HYDROXO, "injection", 10_000, 5000),
    ("Megamilbedoce", HYDROXO, "injection", 10_000, 5000),
    ("Neo-Cytamen", HYDROXO, "injection", 1000, 1000),
    ("neo cytamen 1000micrograms", HYDROXO, "injection", 1000, 1000),
    ("Neo-Cytamen 250micrograms/1ml ampoules", HYDROXO, "injection", 250, 250),
    ("Neo-Cytamen 1ml intramuscular", HYDROXO, "intramuscular", 1000, 1000),
    ("Cobalin-H", HYDROXO, "injection", 1000, 1000),
    ("Cobalin\u2011H_Inj 1mg/ml 1ml Amp", HYDROXO, "injection", 1000, 1000),
    ("Cytamen", CYANO, "injection", 1000, 1000),
    ("Cytamen inj 1000mcg/ml 1ml", CYANO, "injection", 1000, 1000),
    ("Cyanokit", HYDROXO, "intravenous", 5_000_000, None),
    ("Cyanokit 5g powder for solution for injection vials", HYDROXO, "intravenous", 5_000_000, None),
    ("Hydroxocobalamin 2.5g infusion", HYDROXO, "intravenous", 2_500_000, None),
    ("Hydroxocobalamin", HYDROXO, None, None, None),
    ("Hydroxocobalamin 1mg/1ml (vitamin B12) injection", HYDROXO, "injection", 1000, 1000),
    ("Cyanocobalamin 50microgram tablets", CYANO, "oral", 50, None),
    ("Cyanocobalamin_Tab 50mcg", CYANO, "oral", 50, None),
    ("Cyanocobalamin_Tab 1mg M/R", CYANO, "oral", 1000, None),
    ("Cyanocobalamin 0.5 milligrams capsules", CYANO, "oral", 500, None),
    ("Cyanocobalamin 1mg sublingual tablets sugar free", CYANO, "sublingual", 1000, None),
    ("Cyanocobalamin 500mcg nasal spray", CYANO, "nasal", 500, None),
    ("Cyanocobalamin 35micrograms/5ml oral solution", CYANO, "oral", 35, 7),
    ("Cytacon 35micrograms/5ml syrup 200ml", CYANO, "oral", 35, 7),
    ("Cytacon", CYANO, "oral", None, None),
    ("CyanocoB12 50microgram tablets", CYANO, "oral", 50, None),
    ("Orobalin", CYANO, "oral", 1000, None),
    ("Behepan 1mg tablets", CYANO, "oral", 1000, None),
    ("Methycobal 500micrograms/1ml solution for injection ampoules", METHYL, "injection", 500, 500),
    ("Mecobalamin 5mg capsules", METHYL, "oral", 5000, None),
    ("Methylcobalamin 1mg", METHYL, None, 1000, None),
    ("Cobamamide 1mg tablets", ADENOSYL, "oral", 1000, None),
    ("Folic acid 5mg tablets", "folic_acid", "oral", 5000, None),
    ("Folic Acid_Tab 400mcg", "folic_acid", "oral", 400, None),
    ("Folic acid 2.5mg/5ml oral solution sugar free 150 ml", "folic_acid", "oral", 2500, 500),
    ("Ferrous fumarate 322mg / Folic acid 350microgram tablets", "folic_acid", "oral", 350, None),
    # together with folic acid the B12 drug counts, at its own strength
    ("Folic acid 400microgram / Cyanocobalamin 10microgram tablets", CYANO, "oral", 10, None),
    ("Folic acid / cyanocobalamin", CYANO, None, None, None),
    # two strengths, a range, and a bottle: the amount of one dose is not said
    ("Hydroxocobalamin 1mg or 2mg injection", HYDROXO, "injection", None, None),
    ("Hydroxocobalamin 500-1000mcg injection", HYDROXO, "injection", None, None),
    ("Hydroxocobalamin 1,5mg injection", HYDROXO, "injection", None, None),
    ("Hydroxocobalamin 0mg injection", HYDROXO, "injection", None, None),
    ("Cyanocobalamin 1000mcg/ml 10ml vial", CYANO, "injection", None, 1000),
    ("Hydroxocobalamin injection or oral", HYDROXO, None, None, None),
]


@pytest.mark.parametrize(("text", "substance", "route", "micrograms", "per_ml"), PRODUCTS)
def test_a_product_is_read(
    text: str, substance: str, route: str | None, micrograms: float | None, per_ml: float | None
) -> None:
    assert read_drug(text) == Drug(substance, route, micrograms, per_ml)


@pytest.mark.parametrize(
    ("text", "substance"),
    [
        ("hydroxycobalamin", HYDROXO),
        ("hydroxocobalamine", HYDROXO),
        ("hydroxicobalamin", HYDROXO),
        ("hydroxocobalmin", HYDROXO),
        ("hydroxo-cobalamin", HYDROXO),
        ("Hydroxocobolamin", HYDROXO),
        ("cyanocobalmin", CYANO),
        ("cynocobalamin", CYANO),
        ("methycobalamin", METHYL),
        ("follic acid", "folic_acid"),
    ],
)
def test_a_listed_misspelling_is_read(text: str, substance: str) -> None:
    assert read_drug(text).substance == substance


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "---",
        "…",
        "1000",
        "Vitamin B12 injection",
        "B12 injection",
        "vit b 12",
        "Vitamin B-12 tablets",
        "B₁₂",
        "Cobalamin",
        "hexocobalamin 1mg",
        "Hydroxocobalamin / hexocobalamin",
        "Folic acid and B12 tablets",
        "Methylcobalamin / adenosylcobalamin 1mg",
        "Neo-Cytamen tablets",
        "Behepan injection",
    ],
)
def test_what_cannot_be_told_is_unreadable(text: str) -> None:
    assert read_drug(text) == UNREADABLE


@pytest.mark.parametrize(
    "text",
    ["Paracetamol 500mg tablets", "Vitamin B compound strong tablets", "Zylab 125mg", "Folinic acid", "Iron"],
)
def test_a_readable_drug_that_is_not_ours_is_other(text: str) -> None:
    assert read_drug(text) == OTHER


def test_nothing_is_matched_by_likeness() -> None:
    assert read_drug("hydraxaccobilmin 1mg") == OTHER


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("327531006", Drug(HYDROXO, "injection", 1000, 1000)),
        (" 39111511000001100 ", Drug(HYDROXO, "injection", 1000, 1000)),
        ("24856311000001103", Drug(HYDROXO, "injection", 10_000, 5000)),
        ("327529002", Drug(HYDROXO, None, None, None)),
        ("18083611000001105", Drug(CYANO, "sublingual", 1000, None)),
        ("0901020n0aaabab", Drug(HYDROXO, "injection", 1000, 1000)),
        ("0901020N0AAAMAM", Drug(HYDROXO, "injection", 10_000, 5000)),
        ("0901020D0BBABAD", Drug(CYANO, "injection", 1000, 1000)),
        ("0901020G0AAAGAG", Drug("folic_acid", "oral", 5000, None)),
        ("i312.", Drug(HYDROXO, "injection", 1000, 1000)),
        # an unlisted product of a listed substance
        ("0901020N0ZZZZZZ", Drug(HYDROXO, None, None, None)),
        ("0501013B0AAAAAA", OTHER),
        # unlisted: valid, damaged by a spreadsheet, of the same paragraph, of a chapter of appliances, Read
        ("322236009", UNREADABLE),
        ("39238111000001104", UNREADABLE),
        ("3.92381E+16", UNREADABLE),
        ("0901020X0AAAAAA", UNREADABLE),
        ("2101020X0AAAAAA", UNREADABLE),
        ("i313.", UNREADABLE),
    ],
)
def test_a_bare_code_is_looked_up(code: str, expected: Drug) -> None:
    assert read_drug(code) == expected


def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("audit.intake").joinpath("drugs.toml").read_text("utf-8"))


def test_every_listed_name_is_read_as_listed() -> None:
    data = _data()
    stems = [(stem, key) for key, stems in data["stems"].items() for stem in stems]
    listed = [(stem + ending, key) for stem, key in stems for ending in data["endings"]]
    listed += [(name, key) for key, names in data["names"].items() for name in names]
    listed += [(name, brand["substance"]) for brand in data["brands"] for name in brand["names"]]
    assert [(name, key) for name, key in listed if read_drug(name).substance != key] == []
    assert len({name for name, _ in listed}) == len(listed)


def _verhoeff(digits: str) -> bool:
    """Whether the last digit is the check digit, in the dihedral group of ten elements."""
    shift = [list(range(10))]
    turn = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    for _ in range(7):
        shift.append([turn[value] for value in shift[-1]])

    def times(left: int, right: int) -> int:
        if left < 5:
            return (left + right) % 5 if right < 5 else (left + right - 5) % 5 + 5
        return (left - 5 - right) % 5 + 5 if right < 5 else (left - right) % 5

    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = times(check, shift[place % 8][int(digit)])
    return check == 0


def test_listed_codes_carry_their_check_digit_and_are_read() -> None:
    codes = _data()["codes"]
    assert _verhoeff("322236009")
    assert not _verhoeff("39238111000001104")
    assert [code for code in codes if code.isdigit() and not _verhoeff(code)] == []
    assert {read_drug(code).substance for code in codes} == {HYDROXO, CYANO, METHYL, "folic_acid"}


@given(st.text(max_size=40))
def test_any_text_gives_a_word_of_the_vocabulary(text: str) -> None:
    drug = read_drug(text)
    assert drug.substance is None or drug.substance in SUBSTANCE
    assert drug.route is None or drug.route in ROUTE
    assert drug.micrograms is None or drug.micrograms > 0


@given(
    st.integers(1, 9999),
    st.sampled_from(["microgram", "micrograms", "mcg", "µg", " ug"]),
    st.sampled_from(["Hydroxocobalamin {} ampoules", "{} hydroxocobalamin inj", "HYDROXOCOBALAMIN_INJ {}"]),
)
def test_a_printed_strength_is_read_back(amount: int, unit: str, pattern: str) -> None:
    drug = read_drug(pattern.format(f"{amount}{unit}"))
    assert drug == Drug(HYDROXO, "injection", amount, None)
