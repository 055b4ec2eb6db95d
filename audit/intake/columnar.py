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
#: bytes up to the first are spaces and the like; from the second on they are parts of letters beyond ASCII
_LAST_SPACE, _FIRST_BEYOND_ASCII = ord(" "), 0x7F
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
        spread: NDArray[np.int32] = places.take(indices.to_numpy())
        return spread
    known = np.asarray(indices.is_valid())
    coded = places.take(indices.fill_null(0).to_numpy()) if len(places) else np.zeros(len(part), np.int32)
    return np.where(known, coded, np.int32(-1))


def clean_ids(ids: pa.Array) -> pa.StringArray:
    """Patients' ids as `cells.text` gives them, missing ones as ""."""
    if is_text(ids.type) or pa.types.is_integer(ids.type):
        return _clean(ids)
    encoded = ids if pa.types.is_dictionary(ids.type) else ids.dictionary_encode()
    return _clean(encoded.dictionary).take(encoded.indices).fill_null("")


def _clean(values: pa.Array) -> pa.StringArray:
    if is_text(values.type) or pa.types.is_integer(values.type):
        texts = values.cast(pa.string()).fill_null("")
        if _is_plain(texts):
            return texts
        trimmed = pc.utf8_trim_whitespace(texts)
        if not pc.any(pc.match_substring_regex(trimmed, _ODD)).as_py():
            return trimmed
    return pa.array([text(cell) for cell in as_cells(values)], pa.string())


def is_text(kind: pa.DataType) -> bool:
    """Whether a column is of text, not coded."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_plain(texts: pa.StringArray) -> bool:
    """Whether no text has anything that trimming or unwrapping may take away: a look at the bytes of all at once."""
    content = _content(texts)[0]
    return not len(content) or bool(
        content.min() > _LAST_SPACE and content.max() < _FIRST_BEYOND_ASCII and not (content == ord("=")).any()
    )


def _content(texts: pa.StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The bytes of all texts one after the other, and where each begins; the last number is their end."""
    if not len(texts):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    _, offsets, data = texts.buffers()
    starts = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    content = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    return content[starts[0] : starts[-1]], starts - starts[0]


def hashed(texts: pa.Array) -> NDArray[np.uint64]:
    """A hash of each text that is the same on every machine and run (FNV-1a over its bytes)."""
    content, starts = _content(texts.cast(pa.string()))
    begin, length = starts[:-1], np.diff(starts)
    out = np.full(len(texts), _SEED)
    for place in range(int(length.max(initial=0))):
        if length.min() > place:
            out ^= content[begin + place]
            out *= _PRIME
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
    if is_text(values.type):
        # without a plus there is nothing to look for
        if not (_content(values.cast(pa.string()))[0] == ord("+")).any():
            return False
        return bool(pc.any(pc.match_substring_regex(values, r"^\s*\d(\.\d+)?E\+\d+\s*$")).as_py())
    if pa.types.is_integer(values.type):
        return False
    return any(read_id(cell) is None for cell in as_cells(pc.unique(values)))
