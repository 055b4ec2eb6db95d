"""The report says which numbers it used, and which of them are not the national ones."""

from __future__ import annotations

from audit.render.numbers import changed_sentence, used_numbers
from audit.standards.standard import load_standard
from audit.standards.wording import interval_length


def test_every_number_is_listed_with_unit_and_source() -> None:
    standard = load_standard()
    used = used_numbers(standard)
    assert len(used) == len(standard.numbers)
    assert all(number.value and number.source and number.what and not number.was for number in used)
    assert changed_sentence(standard) == ""


def test_changed_numbers_come_first_with_the_national_value() -> None:
    standard = load_standard("patient-group")
    used = used_numbers(standard)
    changed = [number for number in used if number.was]
    assert len(changed) == len(standard.changes) > 0
    assert used[: len(changed)] == tuple(changed)
    assert any(number.value == "2 months" and number.was == "3" for number in changed)
    assert str(len(changed)) in changed_sentence(standard)


def test_the_sweep_names_the_length_of_its_own_standard() -> None:
    assert interval_length("maintenance.standard", load_standard())[1] == "3 months"
    assert interval_length("maintenance.standard", load_standard("patient-group"))[1] == "2 months"
    assert interval_length("everyone", load_standard())[1] == "2 months"
