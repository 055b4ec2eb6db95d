"""`b12audit --help` against a Python that does nothing."""

from __future__ import annotations

from statistics import median
from typing import Final

from benchmarks.measure import B12AUDIT, PYTHON, Limit, finish, print_table, run

REPEATS: Final = 15
MOST_SECONDS: Final = 0.3


def main() -> None:
    """Measure both in turn, so that a busy machine slows both."""
    nothing, answered = [], []
    for _ in range(REPEATS):
        nothing.append(run(PYTHON, "-c", "pass").wall)
        answered.append(run(*B12AUDIT, "--help").wall)
    floor, ours = median(nothing), median(answered)
    rows = [("python -c pass", floor), ("b12audit --help", ours)]
    print_table(
        (f"median of {REPEATS}", "seconds", "x python"),
        [(name, f"{seconds:.3f}", f"{seconds / floor:.1f}") for name, seconds in rows],
    )
    measured = f"{ours:.3f} s, {ours / floor:.1f} x a Python that does nothing"
    finish(Limit(f"--help answers in under {MOST_SECONDS} s", measured, ours < MOST_SECONDS))


if __name__ == "__main__":
    main()
