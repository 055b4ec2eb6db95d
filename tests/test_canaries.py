"""Identifiers in other spellings, in every place of a file: refused, and seen in nothing that is said or left."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests import counts
from tests.test_identity import CANARIES, FILE, PLACES, SHARP, audit

#: of each kind other ways to write such an identifier, and the part of it that names somebody; docs/reliability.md says
#: which spellings the gate does not refuse
OTHERS = {
    "name": [(f"{title} Quillfeather", "Quillfeather") for title in ("Mr", "Ms", "Miss", "Mrs.")],
    "number": [(text, text) for text in ("943-476-5919", "401 023 2137", "401-023-2137", "485 777 3457")],
    "postcode": [(text, text) for text in ("CR2 6XH", "SW1A 2AA", "M1 1AE", "EC1A 1BB")],
    "telephone": [(text, text) for text in ("07700 900999", "+44 7700 900461", "020 7946 0018", "0161 496 0123")],
    "email": [(text, text) for text in ("q.feather@example.com", "qf@nhs.example.net", "q-f@example.co.uk",
                                        "QF@EXAMPLE.ORG")],
}  # fmt: skip
EACH = [(kind, *one) for kind, others in OTHERS.items() for one in others]
NAME = "canaries"


def became(number: int, canary: str, sharp: str, tmp_path: Path, patch: pytest.MonkeyPatch) -> str:
    """What became of a file with the canary in the place of that number: its code of refusal, or what is wrong."""
    folder = tmp_path / f"{number}-{abs(hash(canary))}"
    (folder / "in").mkdir(parents=True)
    path = PLACES[number](folder / "in" / FILE, canary)
    done, said = audit(path, folder, patch, debug=bool(number % 2))
    if done.exit_code != 5 or (folder / "out").exists():
        return f"silent: exit code {done.exit_code}"
    return "silent: it is quoted" if sharp in said else "IDENTIFIABLE"


@pytest.mark.slow
def test_other_spellings_are_refused_everywhere_and_never_seen_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, wrong = [], []
    for kind, others in OTHERS.items():
        outcomes: Counter[str] = Counter()
        for canary, sharp in [*others, (CANARIES[kind], SHARP.get(kind, CANARIES[kind]))]:
            for number, place in enumerate(PLACES):
                found = became(number, canary, sharp, tmp_path, monkeypatch)
                outcomes[found] += 1
                wrong += [] if found == "IDENTIFIABLE" else [f"{canary} {place.__name__}: {found}"]
        rows.append(counts.row(f"{kind}, five spellings in eight places of a file", outcomes))
    assert not wrong, "\n".join(wrong)
    counts.write(NAME, "files", rows)


def test_the_page_holds_the_counts_of_all_canaries() -> None:
    rows = counts.read(NAME)
    assert len(rows) == len(OTHERS)
    assert sum(row[0] for row in rows.values()) == (len(EACH) + len(OTHERS)) * len(PLACES)
    assert {(refused, wrong) for _, refused, _, _, wrong in rows.values()} == {(40, 0)}
