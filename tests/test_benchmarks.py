"""What the benchmarks hold the engine against says the same as the engine; no test depends on a time."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from audit.criteria import catalogue
from benchmarks import analyst, chart, in_memory, nation
from benchmarks.bench_patients import _agreeing, _by_patient, _loop

PATIENTS = 20
TABLE = """| patients | input MB | wall s | floor s | peak MB of all processes |
|---|---:|---:|---:|---:|
| 1,000 | 0.1 | 1.5 | 0.03 | 260 |
| 1,000,000 | 100.0 | 40.0 | 5.5 | 1,600 |
"""


def test_the_ways_that_are_compared_say_the_same_of_every_patient(tmp_path: Path) -> None:
    folder = tmp_path / "nation"
    nation.main(str(PATIENTS), str(folder))
    tables, plan = in_memory.read(folder), in_memory.plan_for(folder)
    _, looped = _loop(tables, [criterion.code for criterion in catalogue()])
    published = _by_patient(in_memory.audit_all(tables, plan).verdicts, list(looped.index))
    assert (_agreeing(published, looped), len(looped)) == (PATIENTS, PATIENTS)
    few = in_memory.plan_for(folder, in_memory.ABOUT_INJECTIONS)
    applied = analyst.outcomes(tables["Patients"].to_pandas(), tables["Treatments"].to_pandas())
    ours = in_memory.outcomes(tables, few, analyst.CRITERIA)
    assert (_agreeing(ours, applied), len(applied)) == (PATIENTS, PATIENTS)
    assert {"met", "not_met", "not_applicable", "not_assessable"} == set(applied.to_numpy().ravel())


def test_the_chart_draws_the_numbers_of_the_table() -> None:
    picture = ElementTree.fromstring(chart.growth(TABLE))
    points = [line.attrib["points"] for line in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    assert len(points) == 4
    # 0.1 to 10,000 MB are five steps of 40 pixels: 260 lies 3.415 of them up, 1,600 lies 4.204
    assert points[2] == "0.0,63.4 240.0,31.8"
    said = picture.findtext("{http://www.w3.org/2000/svg}desc")
    assert said == ("For 1,000, 1,000,000 patients: b12audit 1.5, 40; floor 0.03, 5.5; most memory 260, 1,600; "
                    "input 0.1, 100.")  # fmt: skip
