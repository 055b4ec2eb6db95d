"""Columns of Arrow tables as intake works on columns: the distinct cells, and for each row which of them it holds.

Nothing here looks at a row in Python: a value is read once for each distinct cell, by the same readers as a sheet's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audit.intake.cells import Cell, Column, text
from audit.intake.parquet import as_cells
from audit.intake.values import read_id

#: What Python trims and Arrow does not, and how a spreadsheet's csv keeps a number from being one.
_ODD: Final = '^="|[\ufeff\u200b]'
_PRIME: Final = np.uint64(0x100000001B3)
_SEED: Final = np.uint64(0xCBF29CE484222325)


def column_of(letter: str, chunks: pa.ChunkedArray) -> Column:
    """The column that an Arrow column is; a missing value is a blank cell."""
    encoded = chunks if pa.types.is_dictionary(chunks.type) else chunks.dictionary_encode()
    values, codes = unified(encoded)
    cells: tuple[Cell, ...] = tuple(as_cells(values))
    if (codes < 0).any():
        cells, codes = (*cells, ""), np.where(codes < 0, np.int32(len(cells)), codes)
    return Column(letter, cells, codes)


def unified(encoded: pa.ChunkedArray) -> tuple[pa.Array, NDArray[np.int32]]:
    """The distinct values of a dictionary column, in order of appearance, and each row's place there (-1: missing)."""
    parts = [chunk for chunk in encoded.chunks if len(chunk)]
    if not parts:
        return pa.array([], encoded.type.value_type), np.empty(0, np.int32)
    dictionaries = {_address(part.dictionary): part.dictionary for part in parts}
    values = pa.chunked_array(list(dictionaries.values())).unique()
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    places = {key: _places(dictionary, values) for key, dictionary in dictionaries.items()}
    return values, np.concatenate([_coded(part, places[_address(part.dictionary)]) for part in parts])


def _address(dictionary: pa.Array) -> tuple[int, ...]:
    """Tells dictionaries apart, so that one that many chunks share is looked up once."""
    one, other = (0 if buffer is None else int(buffer.address) for buffer in dictionary.buffers()[-2:])
    return one, other, len(dictionary)


def _places(dictionary: pa.Array, values: pa.Array) -> NDArray[np.int32]:
    found: NDArray[np.int32] = pc.index_in(dictionary, value_set=values).to_numpy(zero_copy_only=False)
    return np.asarray(found, np.int32)


def _coded(part: pa.DictionaryArray, places: NDArray[np.int32]) -> NDArray[np.int32]:
    indices = part.indices
    if not indices.null_count:
        return np.asarray(places[indices.to_numpy()], np.int32)
    known = np.asarray(indices.is_valid())
    coded = places[indices.fill_null(0).to_numpy()] if len(places) else np.zeros(len(part), np.int32)
    return np.where(known, coded, np.int32(-1))


def clean_ids(ids: pa.Array) -> pa.DictionaryArray:
    """Patients' ids as `cells.text` gives them, missing ones as "", as a dictionary column."""
    encoded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    codes = encoded.indices.cast(pa.int32())
    values = _clean(encoded.dictionary)
    if codes.null_count:
        codes, values = codes.fill_null(len(values)), pa.concat_arrays([values, pa.array([""])])
    return pa.DictionaryArray.from_arrays(codes, values)


def _clean(values: pa.Array) -> pa.StringArray:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        trimmed = pc.utf8_trim_whitespace(values.cast(pa.string()))
        if not pc.any(pc.match_substring_regex(trimmed, _ODD)).as_py():
            return trimmed
    return pa.array([text(cell) for cell in as_cells(values)], pa.string())


def hashed(texts: pa.Array) -> NDArray[np.uint64]:
    """A hash of each text that is the same on every machine and run (FNV-1a over its bytes)."""
    plain = texts.cast(pa.string())
    _, offsets, data = plain.buffers()
    starts = np.frombuffer(offsets, np.int32)[plain.offset : plain.offset + len(plain) + 1].astype(np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    begin, length = starts[:-1], np.diff(starts)
    out = np.full(len(plain), _SEED)
    for place in range(int(length.max(initial=0))):
        if length.min() > place:
            out = (out ^ content[begin + place]) * _PRIME
        else:
            rows = np.flatnonzero(length > place)
            out[rows] = (out[rows] ^ content[begin[rows] + place]) * _PRIME
    return out ^ (out >> np.uint64(32))


def together(arrays: Iterable[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    """Arrays one after the other, as one column of `kind` even when there is none."""
    return pa.chunked_array(list(arrays), kind)


def rows_of(table: pa.Table) -> list[tuple[Cell, ...]]:
    """A small table as rows of cells, for what has to see cells as a sheet has them."""
    return list(zip(*(as_cells(column) for column in table.columns), strict=True))


def rounded_ids(ids: pa.Array) -> bool:
    """Whether Excel has rounded ids to 15 digits or written them as 9.4E+09."""
    values = ids.dictionary if pa.types.is_dictionary(ids.type) else ids
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return bool(pc.any(pc.match_substring_regex(values, r"^\s*\d(\.\d+)?E\+\d+\s*$")).as_py())
    return any(read_id(cell) is None for cell in as_cells(pc.unique(values)))
