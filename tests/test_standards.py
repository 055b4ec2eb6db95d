"""Standards: files, layers and refusals, what a change does to verdicts, targets, comparison, and the commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audit.cli import main
from audit.cohort.cohort import build_cohort
from audit.cohort.window import DateOptions, settle_window
from audit.criteria import catalogue, judged_by
from audit.criteria import criterion as find_criterion
from audit.criteria.criterion import Criterion, Example
from audit.errors import UsageError
from audit.intake.extract import Extract
from audit.pipeline import audit
from audit.render.standards_text import compared_lines, criterion_lines, diff_lines, list_lines, standard_lines
from audit.render.terminal import result_lines
from audit.results.audit import Score
from audit.results.compare_standards import StandardsCompared, as_summary, compare_standards
from audit.results.judge import judge
from audit.results.scores import share, wilson
from audit.results.targets import BELOW, CANNOT_TELL, MEETS, compare_to_target, target_verdicts
from audit.standards.lineage import SHIPPED
from audit.standards.standard import Standard, check_criteria, load_standard
from schemas import vocabulary as words
from tests.stories import build_extract

TODAY = date(2100, 1, 1)
CODES = [item.code for item in catalogue()]
STANDARD, NEURO, DIETARY = (f"maintenance-interval-{kind}" for kind in ("standard", "neuro", "dietary"))
HEAD = 'name = "our-surgery"\ntitle = "Our surgery"\nedition = "1"\n'
Local = Callable[..., Path]


@pytest.fixture
def local(tmp_path: Path) -> Local:
    def write(body: str = "", *, head: str = HEAD, extends: str = "national", file: str = "ours.toml") -> Path:
        path = tmp_path / file
        parent = f'extends = "{extends}"\n' if extends else ""
        path.write_text(f"{head}{parent}{body}", encoding="utf-8")
        return path

    return write


def load(path: Path) -> Standard:
    return check_criteria(load_standard(str(path)), CODES)


def with_numbers(local: Local, **numbers: int) -> Standard:
    lines = (f'"{key.replace("__", ".")}" = {value}' for key, value in numbers.items())
    return load(local("[numbers]\n" + "\n".join(lines)))


# -- the shipped standards


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_standard_is_whole(name: str) -> None:
    standard = check_criteria(load_standard(name), CODES)
    assert standard.name == name
    assert standard.numbers
    assert {number.source for number in standard.numbers.values()} <= set(standard.sources)
    assert all(number.unit and number.what and number.layer for number in standard.numbers.values())
    assert not standard.off
    assert not standard.targets


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_numbers_lie_within_their_own_bounds(name: str) -> None:
    standard = load_standard(name)
    definitions = standard.layers[0].definitions
    for key, number in standard.numbers.items():
        values = number.value if isinstance(number.value, tuple) else (number.value,)
        assert all(definitions[key].least <= value <= definitions[key].most for value in values), key


def test_every_guidance_names_the_criteria_it_bears_on() -> None:
    assert all(entry.criteria for entry in load_standard().guidance)


def test_the_patient_organisations_ask_for_two_months_for_everyone() -> None:
    standard = load_standard("patient-group")
    assert standard.number("maintenance.standard_months") == standard.number("maintenance.neuro_months") == 2
    assert standard.number("maintenance.standard_grace_days") == standard.number("maintenance.neuro_grace_days") == 7
    assert {change.key for change in standard.changes} == {
        "maintenance.standard_months",
        "maintenance.standard_grace_days",
        "prescribed.standard_days",
        "prescribed.standard_weeks",
        "prescribed.standard_months",
    }
    assert {change.number.layer for change in standard.changes} == {"patient-group.toml"}
    assert standard.layers[-1].not_expressed


def test_the_national_standard_changes_nothing() -> None:
    assert load_standard().changes == ()
    assert {number.layer for number in load_standard().numbers.values()} == {"national.toml"}


# -- a local file


def test_a_local_file_changes_only_what_it_names(local: Local) -> None:
    standard = with_numbers(local, maintenance__standard_grace_days=21)
    national = load_standard()
    assert standard.number("maintenance.standard_grace_days") == 21
    assert {key for key in national.numbers if national.numbers[key] != standard.numbers[key]} == {
        "maintenance.standard_grace_days"
    }
    number = standard.numbers["maintenance.standard_grace_days"]
    assert number.layer == "ours.toml"
    assert standard.source_text(number.source) == "Our surgery, edition 1 (ours.toml)"
    assert (standard.name, standard.title, standard.edition) == ("our-surgery", "Our surgery", "1")


@pytest.mark.parametrize(
    "body",
    [
        '[numbers]\n"maintenance.standard_grace_days" = 21',
        "[numbers]\nmaintenance.standard_grace_days = 21",
        "[numbers.maintenance]\nstandard_grace_days = 21",
        '[numbers]\n"maintenance.standard_grace_days" = { value = 21, source = "bsh" }',
    ],
)
def test_a_number_may_be_written_in_four_ways(local: Local, body: str) -> None:
    assert load(local(body)).number("maintenance.standard_grace_days") == 21


def test_a_local_source_may_be_cited(local: Local) -> None:
    body = '[sources]\nicb = "Policy of the board"\n[numbers]\n"review.grace_days" = { value = 30, source = "icb" }'
    standard = load(local(body))
    assert standard.source_text(standard.numbers["review.grace_days"].source) == "Policy of the board"
    assert "our-surgery" not in standard.sources


def test_a_list_of_numbers_may_be_changed(local: Local) -> None:
    assert load(local('[numbers]\n"sweep.grace_days" = [0, 10]')).list_of("sweep.grace_days") == (0, 10)


def test_a_file_may_extend_a_file_and_the_last_word_counts(local: Local) -> None:
    local('[numbers]\n"review.grace_days" = 30\n"loading.grace_days" = 3\n[criteria]\noff = ["first-review"]\n'
          '[targets]\nloading-complete = 80', head=HEAD.replace("our-surgery", "our-region"), extends="patient-group",
          file="region.toml")  # fmt: skip
    standard = load(local('[numbers]\n"review.grace_days" = 40\n[criteria]\non = ["first-review"]',
                          extends="region.toml"))  # fmt: skip
    assert standard.number("review.grace_days") == 40
    assert standard.number("loading.grace_days") == 3
    assert standard.number("maintenance.standard_months") == 2
    assert [layer.name for layer in standard.layers] == ["national", "patient-group", "our-region", "our-surgery"]
    assert standard.off == frozenset()
    assert standard.targets == {"loading-complete": 80}


def test_a_mark_at_the_beginning_of_the_file_is_no_letter(local: Local) -> None:
    path = local()
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load(path).name == "our-surgery"


def test_an_edited_file_is_another_standard(local: Local) -> None:
    first = with_numbers(local, review__grace_days=20)
    again = with_numbers(local, review__grace_days=20)
    second = with_numbers(local, review__grace_days=21)
    third = load(local("[numbers]\nreview.grace_days = 20\n[targets]\nfirst-review = 50"))
    assert first.identity == again.identity
    assert len({load_standard().identity, first.identity, second.identity, third.identity}) == 4


# -- refusals: each names the file, the key and what is allowed

_NUMBER = "a whole number without quotes"
_GRACE = "maintenance.neuro_grace_days"
REFUSALS = {
    "unknown number": ('[numbers]\n"maintenance.standard_grace" = 21', "maintenance.standard_grace",
                       'did you mean "maintenance.standard_grace_days"?'),
    "unknown key": ("[number]\nx = 1", "number", 'did you mean "numbers"?'),
    "a definition": ('[define.x]\ny = { value = 1, unit = "days", source = "bnf", what = "z" }', "define",
                     "allowed here"),
    "text for a number": ('[numbers]\n"review.grace_days" = "21"', "review.grace_days", _NUMBER),
    "half a day": ('[numbers]\n"review.grace_days" = 2.5', "review.grace_days", _NUMBER),
    "truth for a number": ('[numbers]\n"review.grace_days" = true', "review.grace_days", _NUMBER),
    "no value": ('[numbers]\n"review.grace_days" = { source = "bnf" }', "review.grace_days", "a whole number"),
    "a key of the number": ('[numbers]\n"review.grace_days" = { value = 1, unit = "weeks" }', "review.grace_days.unit",
                            "allowed here: value, source"),
    "too much grace": ('[numbers]\n"maintenance.neuro_grace_days" = 57', _GRACE, "from 0 to 56"),
    "negative": ('[numbers]\n"maintenance.neuro_grace_days" = -1', _GRACE, "from 0 to 56"),
    "a unit's own number": ('[numbers]\n"haemoglobin.per_dl" = 11', "haemoglobin.per_dl", "10 only"),
    "a list for a number": ('[numbers]\n"review.grace_days" = [1, 2]', "review.grace_days", "one whole number"),
    "a number for a list": ('[numbers]\n"sweep.grace_days" = 7', "sweep.grace_days", "a list of whole numbers"),
    "an empty list": ('[numbers]\n"sweep.grace_days" = []', "sweep.grace_days", "a whole number"),
    "a list that falls": ('[numbers]\n"sweep.grace_days" = [7, 0]', "sweep.grace_days", "larger than the one before"),
    "neuro longer than standard": ('[numbers]\n"maintenance.neuro_months" = 4', "maintenance.neuro_months",
                                   "at most maintenance.standard_months"),
    "set twice": ('[numbers]\n"review.grace_days" = 1\n[numbers.review]\ngrace_days = 2', "review.grace_days",
                  "keep one"),
    "unknown source": ('[numbers]\n"review.grace_days" = { value = 1, source = "nbf" }', "review.grace_days.source",
                       'did you mean "bnf"?'),
    "a source again": ('[sources]\nbnf = "something else"', "sources.bnf", "another key"),
    "unknown criterion off": ('[criteria]\noff = ["first-reviews"]', "criteria.off", 'did you mean "first-review"?'),
    "unknown criterion on": ('[criteria]\non = ["first-reviews"]', "criteria.on", 'did you mean "first-review"?'),
    "unknown criterion with a target": ("[targets]\nloading = 90", "targets.loading", "did you mean"),
    "off and a target": ('[criteria]\noff = ["first-review"]\n[targets]\nfirst-review = 90', "criteria.off",
                         "keep one"),
    "off as a word": ('[criteria]\noff = "first-review"', "criteria.off", "off = ["),
    "a target of 101": ("[targets]\nfirst-review = 101", "targets.first-review", "from 1 to 100"),
    "a target of half": ("[targets]\nfirst-review = 0.5", "targets.first-review", "from 1 to 100"),
    "numbers as a number": ("numbers = 1", "numbers", "[numbers]"),
    "not TOML": ("[numbers", "", "texts stand in quotes"),
    "everything off": (f"[criteria]\noff = {CODES}", "criteria.off", "at least one"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "key", "remedy"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_file_key_and_remedy(local: Local, body: str, key: str, remedy: str) -> None:
    path = local(body)
    with pytest.raises(UsageError) as refused:
        load(path)
    assert refused.value.where == (f"ours.toml, {key}" if key else "ours.toml")
    assert remedy in refused.value.remedy
    assert refused.value.what.endswith(".")


@pytest.mark.parametrize(
    ("head", "extends", "key"),
    [
        (HEAD, "", "extends"),
        (HEAD, "nacional", "extends"),
        (HEAD, "missing.toml", ""),
        (HEAD, "ours.toml", "extends"),
        (HEAD.replace("our-surgery", "national"), "national", "name"),
        (HEAD.replace("our-surgery", "patient-group"), "national", "name"),
        (HEAD.replace("our-surgery", "bnf"), "national", "name"),
        (HEAD.replace("our-surgery", "Our Surgery"), "national", "name"),
        ('title = "x"\nedition = "1"\n', "national", "name"),
        ('name = "x"\nedition = "1"\n', "national", "title"),
        ('name = "x"\ntitle = "a\\nb"\nedition = "1"\n', "national", "title"),
        ('name = "x"\ntitle = "y"\nedition = 1\n', "national", "edition"),
    ],
)
def test_a_head_that_is_refused(local: Local, head: str, extends: str, key: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(local(head=head, extends=extends))
    file = "missing.toml" if extends == "missing.toml" else "ours.toml"
    assert refused.value.where == (f"{file}, {key}" if key else file)
    assert refused.value.remedy


def test_files_that_extend_each_other_are_refused(local: Local) -> None:
    local(head=HEAD.replace("our-surgery", "our-region"), extends="ours.toml", file="region.toml")
    with pytest.raises(UsageError, match=r"extends itself, through ours\.toml, region\.toml"):
        load(local(extends="region.toml"))


def test_a_file_that_is_no_text_is_refused(local: Local) -> None:
    path = local()
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        load(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "ours.toml")


def test_an_unknown_name_is_met_with_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        load_standard("nationl")
    assert 'did you mean "national"?' in refused.value.remedy


# -- what a change does to verdicts


def said(code: str, example: Example, standard: Standard) -> str:
    """What the engine says of one story under a standard."""
    extract, options = build_extract([example], example.run)
    window, _ = settle_window(extract, options, standard, TODAY)
    verdict = judge(find_criterion(code), build_cohort(extract, window, standard))
    grace = "within grace" if verdict.grace[0] == 1 else ""
    parts = (words.OUTCOME[verdict.outcome[0]], words.REASON[verdict.reason[0]], grace)
    return ", ".join(part for part in parts if part)


def story(doses: str, involved: str = "no", cause: str = "autoimmune") -> Example:
    fields = {"neurological_involvement": involved, "cause": cause}
    return Example("", "", doses=doses, patient=fields, run={"start": 1, "extract": 300})


#: practices that book in weeks: limit = first + 7 x weeks x cover + grace (12 weeks: 84 days, 14 of grace)
IN_WEEKS = [
    ("-100 0 84 168 252", STANDARD, "met"),
    ("-100 0 98 180 264", STANDARD, "met, within grace"),
    ("-100 0 99 180 264", STANDARD, "not_met"),
    ("0x1 84x2 266x1", STANDARD, "met, within grace"),
    ("0x1 84x2 267x1", STANDARD, "not_met"),
    ("0 2 4 102 186 270", "maintenance-started", "met, within grace"),
    ("0 2 4 103 187 271", "maintenance-started", "not_met"),
]


@pytest.mark.parametrize(("doses", "code", "expected"), IN_WEEKS)
def test_a_practice_that_books_in_weeks(local: Local, doses: str, code: str, expected: str) -> None:
    standard = with_numbers(local, maintenance__standard_weeks=12)
    assert said(code, story(doses), standard) == expected


def test_weeks_for_one_length_leave_the_others_in_months(local: Local) -> None:
    standard = with_numbers(local, maintenance__standard_weeks=12)
    # two months from day 0, 1 March, are 61 days
    assert said(NEURO, story("-100 0 61 122 183 244 300", involved="yes"), standard) == "met"
    assert said(NEURO, story("-100 0 69 122 183 244 300", involved="yes"), standard) == "not_met"
    six_months = story("-100 0 184", cause="dietary")
    assert said(DIETARY, six_months, standard) == said(DIETARY, six_months, load_standard()) == "met"


@pytest.mark.parametrize(
    ("key", "code", "example", "last"),
    [
        ("maintenance__neuro_weeks", NEURO, "-100 0 {} 120 180 240 299", 56 + 7),
        ("maintenance__dietary_weeks", DIETARY, "-100 0 {}", 56 + 28),
    ],
)
def test_every_length_may_be_in_weeks(local: Local, key: str, code: str, example: str, last: int) -> None:
    standard = with_numbers(local, **{key: 8})
    kind = {"involved": "yes"} if code == NEURO else {"cause": "dietary"}

    def first_interval(day: int) -> str:
        example_ = story(example.format(day), **kind)
        run = {"start": 1, "extract": day}
        return said(code, Example("", "", doses=example_.doses.split(str(day))[0] + str(day), patient=example_.patient,
                                  run=run), standard)  # fmt: skip

    assert first_interval(last) == "met, within grace"
    assert first_interval(last + 1) == "not_met"


def test_unknown_status_is_judged_by_both_lengths_in_weeks(local: Local) -> None:
    standard = with_numbers(local, maintenance__standard_weeks=12, maintenance__neuro_weeks=8)
    assert said(STANDARD, story("-100 0 56 112 168 224 280", involved="unknown"), standard) == "met"
    assert said(STANDARD, story("-100 0 84 168 252", involved="unknown"), standard) == "not_assessable, NEURO_UNKNOWN"
    assert said(STANDARD, story("-100 0 99 183 267", involved="unknown"), standard) == "not_met"


def test_two_months_for_everyone_under_the_patient_organisations() -> None:
    three_monthly = story("-100 0 92 184 275")
    assert said(STANDARD, three_monthly, load_standard()) == "met"
    assert said(STANDARD, three_monthly, load_standard("patient-group")) == "not_met"


# -- a whole run


@pytest.fixture(scope="module")
def extract() -> tuple[Extract, DateOptions]:
    """Four patients: on two months, on three, on three with involvement, on four; three months are 92 days or less."""
    two, three, four = "-60 0 61 122 183 244 300", "-90 0 92 184 276", "-120 0 122 190"
    stories = [story(two), story(three), story(three, involved="yes"), story(four)]
    return build_extract(stories, stories[0].run)


def result_of(extract: tuple[Extract, DateOptions], standard: Standard) -> dict[str, Score]:
    result = audit([extract[0]], extract[1], standard, TODAY)
    return {score.criterion: score for score in result.scores}


def test_a_criterion_switched_off_is_not_judged(extract: tuple[Extract, DateOptions], local: Local) -> None:
    swept = [NEURO, STANDARD, "two-monthly-for-everyone"]
    off = ["first-review", "loading-complete", "neuro-loading", "not-overdue", *swept]
    standard = load(local(f"[criteria]\noff = {off}"))
    before = audit([extract[0]], extract[1], load_standard(), TODAY)
    after = audit([extract[0]], extract[1], standard, TODAY)
    kept = before.verdicts[~before.verdicts["criterion"].isin(off)].reset_index(drop=True)
    # `loading-spacing` asks the loading criteria itself, and is judged without their verdicts
    assert after.verdicts.equals(kept)
    assert {item.code for item in after.criteria} == set(CODES) - set(off)
    assert after.sweep == ()
    assert after.patients["overdue_days"].isna().all()
    assert before.patients["overdue_days"].notna().any()
    lines = result_lines(after, Path("out"), already=False)
    assert "Our surgery, edition 1; differs from national in 0 numbers, 7 criteria switched off" in "\n".join(lines)
    assert not any("Overdue" in line or "Every maintenance" in line for line in lines)


def test_intervals_in_weeks_say_so(extract: tuple[Extract, DateOptions], local: Local) -> None:
    standard = with_numbers(local, maintenance__standard_weeks=12)
    intervals = audit([extract[0]], extract[1], standard, TODAY).intervals
    assert set(intervals.loc[intervals["neurological"] == "no", "months"]) == {"12 weeks"}
    assert set(intervals.loc[intervals["neurological"] == "yes", "months"]) == {"2"}


def test_the_sweep_keeps_weeks(extract: tuple[Extract, DateOptions], local: Local) -> None:
    standard = with_numbers(local, maintenance__standard_weeks=12)
    swept = {(row.criterion, row.grace_days): row.met for row in audit([extract[0]], extract[1], standard, TODAY).sweep}
    # 92 days are 8 past 12 weeks
    assert swept[STANDARD, 7] == 1
    assert swept[STANDARD, 14] == 2


# -- targets


def counts(met: int, not_met: int, not_assessable: int = 0, excepted: int = 0) -> Score:
    eligible = met + not_met + not_assessable + excepted
    low, high = wilson(met, met + not_met)
    return Score(
        criterion=STANDARD, met=met, not_met=not_met, excepted=excepted, not_assessable=not_assessable, pending=0,
        not_applicable=0, excluded=0, within_grace=0, intervals_met=0, intervals_judged=0, reasons={},
        eligible=eligible, share_met=share(met, eligible), share_met_upper=share(met + not_assessable, eligible),
        share_of_assessed=share(met, met + not_met), wilson_low=low, wilson_high=high,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("score", "percent", "expected"),
    [
        # Wilson 21 of 38: 39.7 to 69.9; 0 of 38: 0 to 9.2
        (counts(21, 17), 39, MEETS),
        (counts(21, 17), 40, CANNOT_TELL),
        (counts(21, 17), 69, CANNOT_TELL),
        (counts(21, 17), 70, BELOW),
        (counts(0, 38), 9, CANNOT_TELL),
        (counts(0, 38), 10, BELOW),
        (counts(100, 0), 96, MEETS),
        (counts(100, 0), 97, CANNOT_TELL),
        # nothing is said of under ten patients, or of none
        (counts(0, 9), 90, CANNOT_TELL),
        (counts(0, 10), 90, BELOW),
        (counts(0, 0), 90, CANNOT_TELL),
        (counts(0, 0, excepted=12), 90, CANNOT_TELL),
    ],
)
def test_a_score_beside_its_target(score: Score, percent: int, expected: str) -> None:
    assert compare_to_target(score, percent / 100, least=10) == expected


@pytest.mark.parametrize("lost", [1, 5, 20, 40])
def test_lost_data_never_makes_a_target_met_or_missed(lost: int) -> None:
    """Blanking cells turns met and not met patients into ones of whom the record cannot tell."""
    for percent in (10, 50, 90):
        late = compare_to_target(counts(60, 40 - lost, lost), percent / 100, least=10)
        on_time = compare_to_target(counts(60 - lost, 40, lost), percent / 100, least=10)
        plain = compare_to_target(counts(60, 40), percent / 100, least=10)
        assert late in (plain, CANNOT_TELL)
        assert on_time in (plain, CANNOT_TELL)


def test_targets_are_of_criteria_that_have_one(local: Local) -> None:
    standard = load(local(f"[targets]\n{STANDARD} = 70"))
    (found,) = target_verdicts([counts(21, 17)], standard)
    assert (found.criterion, found.percent, found.wording) == (STANDARD, 70, BELOW)
    assert target_verdicts([counts(21, 17)], load_standard()) == ()


# -- comparison


def compared(extract: tuple[Extract, DateOptions], *standards: Standard) -> StandardsCompared:
    return compare_standards([extract[0]], extract[1], standards, TODAY)


def test_each_standard_scores_as_it_would_alone(extract: tuple[Extract, DateOptions]) -> None:
    standards = [load_standard(), load_standard("patient-group")]
    found = compared(extract, *standards)
    alone = [result_of(extract, standard) for standard in standards]
    assert [item.criterion for item in found.criteria] == CODES
    for item in found.criteria:
        assert item.scores == tuple(scores[item.criterion] for scores in alone)


def test_the_verdicts_that_depend_on_the_choice_are_exactly_those_that_differ(
    extract: tuple[Extract, DateOptions],
) -> None:
    standards = [load_standard(), load_standard("patient-group")]
    tables = [audit([extract[0]], extract[1], standard, TODAY).verdicts for standard in standards]
    keys = ["practice_id", "patient_id", "criterion"]
    both = tables[0].merge(tables[1], on=keys)
    differ = both[both["outcome_x"] != both["outcome_y"]][[*keys, "outcome_x", "outcome_y"]]
    found = compared(extract, *standards)
    assert [(item.practice_id, item.patient_id, item.criterion, *item.outcomes) for item in found.verdicts] == [
        tuple(row) for row in differ.itertuples(index=False)
    ]
    assert ("P0001", STANDARD, ("met", "not_met")) in [
        (item.patient_id, item.criterion, item.outcomes) for item in found.verdicts
    ]
    # with involvement two months hold under both, and four months are late under both
    assert found.patients == 1


def test_a_criterion_switched_off_decides_nothing(extract: tuple[Extract, DateOptions], local: Local) -> None:
    found = compared(extract, load_standard(), load(local(f'[criteria]\noff = ["{STANDARD}"]')))
    scores = {item.criterion: item.scores for item in found.criteria}
    assert scores[STANDARD][1] is None
    assert found.verdicts == ()
    assert "switched off" in "\n".join(compared_lines(found, 10))


def test_a_standard_is_not_compared_with_itself(extract: tuple[Extract, DateOptions]) -> None:
    with pytest.raises(UsageError, match="with itself"):
        compared(extract, load_standard(), load_standard())


def test_the_comparison_is_printed_and_summarised(extract: tuple[Extract, DateOptions]) -> None:
    found = compared(extract, load_standard(), load_standard("patient-group"))
    text = "\n".join(compared_lines(found, 10))
    assert "of 1 patient depend on the standard" in text
    assert NEURO not in text
    summary = json.loads(json.dumps(as_summary(found)))
    assert [item["name"] for item in summary["compared"]] == ["national", "patient-group"]
    scores = {item["code"]: item["scores"] for item in summary["criteria"]}
    assert (scores[STANDARD]["national"]["met"], scores[STANDARD]["patient-group"]["met"]) == (2, 1)
    assert summary["verdicts"][0]["outcomes"].keys() == {"national", "patient-group"}


# -- printing


@pytest.mark.parametrize("criterion", catalogue(), ids=lambda item: item.code)
def test_a_criterion_is_shown_whole(criterion: Criterion) -> None:
    lines = criterion_lines(criterion, load_standard())
    text = " ".join(" ".join(lines).split())
    assert lines[0].startswith(criterion.code)
    worded = criterion.worded(load_standard())
    for part in (worded.why, worded.who, worded.met, worded.notes):
        assert " ".join(part.split()) in text
    assert "Examples" in text
    assert max(map(len, lines)) <= 125


def test_a_criterion_is_shown_with_the_numbers_of_the_standard_asked_for(local: Local) -> None:
    standard = load(local(f'[numbers]\n"maintenance.standard_months" = 4\n[targets]\n{STANDARD} = 90'))
    text = " ".join("\n".join(criterion_lines(find_criterion(STANDARD), standard)).split())
    assert "under our-surgery maintenance.standard_months is 4 (nationally 3)" in text
    assert "Target: 90%, local" in text
    assert "ours.toml" in text
    assert "until 31 August 2018" in text


def test_a_standard_is_shown_with_every_number() -> None:
    for name in SHIPPED:
        standard = load_standard(name)
        text = "\n".join(standard_lines(standard))
        assert all(key in text for key in standard.numbers)
        assert "maintenance.standard_weeks" in text
        limits = [limit for layer in standard.layers for limit in layer.not_expressed]
        assert all(limit in " ".join(text.split()) for limit in limits)


def test_the_list_names_standards_and_criteria() -> None:
    text = "\n".join(list_lines([load_standard(name) for name in SHIPPED], catalogue()))
    assert all(name in text for name in (*SHIPPED, *CODES))


def test_a_diff_shows_numbers_targets_and_criteria(local: Local) -> None:
    other = load(local('[numbers]\n"maintenance.standard_weeks" = 12\n[targets]\nloading-complete = 80\n'
                       '[criteria]\noff = ["first-review"]'))  # fmt: skip
    lines = [" ".join(line.split()) for line in diff_lines(load_standard(), other)]
    assert "maintenance.standard_weeks not set 12 weeks" in lines
    assert "loading-complete not set 80%" in lines
    assert "first-review on off" in lines
    assert len([line for line in lines if line.startswith("maintenance.")]) == 1
    assert diff_lines(load_standard(), load_standard()) == ["national and national do not differ."]


# -- the command


def b12audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_the_commands_print() -> None:
    assert "patient-group" in b12audit("standards", "list").output
    assert "Numbers" in b12audit("standards", "show", "not-overdue").output
    assert "national.toml" in b12audit("standards", "show", "national").output
    assert "7 days" in b12audit("standards", "diff", "national", "patient-group").output


@pytest.mark.parametrize(
    "arguments", [("show", "not-overdu"), ("show", "not-overdue", "--standard", "x"), ("diff", "national", "x.toml")]
)
def test_a_wrong_word_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    done = b12audit("standards", *arguments)
    assert done.exit_code == 2
    assert "what to do" in done.output


def test_a_run_by_a_local_standard_says_so_everywhere(little: Path, local: Local, tmp_path: Path) -> None:
    body = f'[numbers]\n"maintenance.standard_grace_days" = 21\n[targets]\n{STANDARD} = 99\n'
    ours, out = local(f'{body}[criteria]\noff = ["not-overdue"]'), tmp_path / "out"
    both = ("--compare", "national", "--compare", "patient-group")
    done = b12audit("run", little, "--out", out, "--standard", ours, *both)
    assert done.exit_code == 0, done.output
    summary = json.loads((out / "summary.json").read_text())
    manifest = json.loads((out / "run.json").read_text())
    used = manifest["standard"]
    assert used == summary["run"]["standard"]
    assert used["numbers"]["maintenance.standard_grace_days"] == {
        "value": 21, "unit": "days", "source": "our-surgery", "layer": "ours.toml"
    }  # fmt: skip
    assert used["numbers"]["maintenance.neuro_grace_days"]["layer"] == "national.toml"
    assert used["changed"] == ["maintenance.standard_grace_days"]
    assert used["off"] == ["not-overdue"]
    assert used["files"] == ["national.toml", "ours.toml"]
    assert summary["targets"] == [{"criterion": STANDARD, "percent": 99, "wording": summary["targets"][0]["wording"]}]
    assert [item["name"] for item in summary["standards"]["compared"]] == ["our-surgery", "national", "patient-group"]
    assert "not-overdue" not in [item["code"] for item in summary["criteria"]]
    assert str(tmp_path) not in (out / "run.json").read_text() + (out / "report.html").read_text()
    assert manifest["options"]["compare"] == "national,patient-group"
    assert "--compare national --compare patient-group" in (out / "report.html").read_text()
    assert f"Local target 99% for {STANDARD}" in done.output
    assert "under each standard" in done.output
    html, wording = (out / "report.html").read_text(), summary["targets"][0]["wording"]
    # beside the headline, and in the criterion's row
    assert html.count(f"Local target 99%: {wording}.") == 2
    assert 'id="standards"' in html


def test_a_report_without_its_headline_is_still_written(little: Path, local: Local, tmp_path: Path) -> None:
    kept = ["cause-recorded", "loading-spacing"]
    ours = local(f"[criteria]\noff = {sorted(set(CODES) - set(kept))}")
    done = b12audit("run", little, "--out", tmp_path / "out", "--standard", ours)
    assert done.exit_code == 0, done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [item["code"] for item in summary["criteria"]] == kept


@pytest.mark.slow
def test_an_edited_standard_is_audited_again(little: Path, local: Local, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for grace, already in ((20, False), (20, True), (21, False)):
        ours = local(f'[numbers]\n"maintenance.standard_grace_days" = {grace}')
        done = b12audit("run", little, "--out", out, "--standard", ours)
        assert done.exit_code == 0, done.output
        assert ("Already audited" in done.output) is already


def test_a_plain_run_has_no_comparison_and_no_targets(little: Path, tmp_path: Path) -> None:
    assert b12audit("run", little, "--out", tmp_path / "out").exit_code == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert not {"standards", "targets"} & set(summary)


def test_a_refused_standard_leaves_no_folder(little: Path, local: Local, tmp_path: Path) -> None:
    done = b12audit("run", little, "--out", tmp_path / "out", "--standard", local('[criteria]\noff = ["x"]'))
    assert done.exit_code == 2
    assert "ours.toml, criteria.off" in done.output
    assert not (tmp_path / "out").exists()


def test_judged_by_leaves_out_what_is_off(local: Local) -> None:
    standard = load(local('[criteria]\noff = ["first-review"]'))
    assert [item.code for item in judged_by(standard)] == [code for code in CODES if code != "first-review"]
