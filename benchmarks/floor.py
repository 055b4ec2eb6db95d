"""What reading a workbook costs at least: calamine alone, every worksheet into Python lists.

python -m benchmarks.floor WORKBOOK

prints the seconds.
"""

from __future__ import annotations

import sys
import time

import python_calamine


def read(path: str) -> int:
    """Read every sheet; the number of cells keeps the reading from being left out."""
    book = python_calamine.load_workbook(path)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return sum(len(row) for sheet in sheets for row in sheet)


if __name__ == "__main__":
    begun = time.perf_counter()
    read(sys.argv[1])
    print(time.perf_counter() - begun)
