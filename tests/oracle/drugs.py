"""The drug texts of the brief: which substance, by which route, in which dose."""

from __future__ import annotations

import re

# by the first word of the text
SUBSTANCES = {
    "hydroxocobalamin": "hydroxocobalamin",
    "neo-cytamen": "hydroxocobalamin",
    "cobalin-h": "hydroxocobalamin",
    "cyanokit": "hydroxocobalamin",
    "cyanocobalamin": "cyanocobalamin",
    "cytamen": "cyanocobalamin",
    "methylcobalamin": "methylcobalamin",
    "mecobalamin": "methylcobalamin",
    "adenosylcobalamin": "adenosylcobalamin",
    "folic": "folic_acid",
}
# brands that say by their name alone what they are: route, micrograms, micrograms in a millilitre
BRANDS: dict[str, tuple[str, float, float]] = {
    "neo-cytamen": ("injection", 1000, 1000),
    "cobalin-h": ("injection", 1000, 1000),
    "cytamen": ("injection", 1000, 1000),
    "cyanokit": ("intravenous", 5_000_000, 0),
}
MICROGRAMS = {"g": 1_000_000, "mg": 1000, "microgram": 1, "micrograms": 1, "mcg": 1}
AMOUNT = r"(\d+(?:\.\d+)?)\s*(micrograms|microgram|mcg|mg|g)\b"


def read_substance(drug: str) -> str:
    """A B12 substance, `folic_acid`, `other` (readable and not ours), or `unreadable`."""
    text = drug.strip().lower()
    if not any(letter.isalnum() for letter in text):
        return "unreadable"
    first_word = text.split()[0]
    if first_word in SUBSTANCES:
        return SUBSTANCES[first_word]
    if "cobalamin" in text or "b12" in text:
        return "unreadable"
    return "other"


def read_route(drug: str, route: str) -> str:
    """The route of the cell, else of the drug's name; "" when neither tells."""
    said = route.strip().lower().replace(" ", "_")
    text = drug.strip().lower()
    if said:
        return said
    if text.split()[0] in BRANDS:
        return BRANDS[text.split()[0]][0]
    if "infusion" in text:
        return "intravenous"
    if "injection" in text:
        return "injection"
    return "oral" if "tablet" in text else ""


def read_dose(drug: str, dose: str) -> float | None:
    """Micrograms a dose: the cell's, else the drug's name's; None when neither tells."""
    said = dose.strip().lower()
    if not said:
        return _dose_of_name(drug)
    amount = re.fullmatch(AMOUNT, said)
    if amount:
        return float(amount[1]) * MICROGRAMS[amount[2]]
    volume = re.fullmatch(r"(\d+(?:\.\d+)?)\s*ml", said)
    if volume:
        strength = _micrograms_in_a_millilitre(drug)
        return None if strength is None else float(volume[1]) * strength
    return float(said)


def _dose_of_name(drug: str) -> float | None:
    text = drug.strip().lower()
    amount = re.search(AMOUNT, text)
    if amount:
        return float(amount[1]) * MICROGRAMS[amount[2]]
    brand = BRANDS.get(text.split()[0])
    return brand[1] if brand else None


def _micrograms_in_a_millilitre(drug: str) -> float | None:
    text = drug.strip().lower()
    strength = re.search(AMOUNT + r"/(\d+(?:\.\d+)?)ml", text)
    if strength:
        return float(strength[1]) * MICROGRAMS[strength[2]] / float(strength[3])
    brand = BRANDS.get(text.split()[0])
    return brand[2] if brand and brand[2] else None
