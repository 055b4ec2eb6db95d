"""What a machine of a cluster does: rows of Arrow in, rows of Arrow out, as `audit.engine.spark` passes them around.

Nothing here knows of Spark. Each function takes batches and yields batches of the columns of `PARCELS`:

    partition   of patients, as its key (see `even_keys`) while it is shuffled; FAILED where the row tells of an error
    piece       number of the piece of a table, or file
    part        of a piece, from 0
    payload     what is carried: packed rows of a table, or a pickled Python object

What goes wrong is carried home as a row when it is an error that a user can mend; any other error stops the run, and
says its kind and place alone, because its text may quote the data and Spark would log it on every machine.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audit.engine.gathered import Gathered
from audit.engine.judged import Counted, Plan, judge_partition
from audit.engine.shared import file_digest, publish_partition
from audit.engine.spill import Piece, Spilled, in_partitions, packed, read_piece, readable, survey, unpacked
from audit.errors import AuditError
from audit.intake.extract import Finding

PARCELS: Final = pa.schema(
    [("partition", pa.int32()), ("piece", pa.int32()), ("part", pa.int32()), ("payload", pa.binary())]
)
#: in place of a partition: an error
FAILED: Final = -1
#: parcels that travel together
_TOGETHER: Final = 64
#: keys tried for each partition; that one stays without is as good as impossible
_KEYS_A_PARTITION: Final = 48
Batches = Iterable[pa.RecordBatch]
#: what is known of a partition that was judged: its counts, sampled findings, and the files written
Account = tuple[Counted, tuple[Finding, ...], dict[str, str]]


class Parcel(NamedTuple):
    """One row; see the module's docstring."""

    partition: int
    piece: int
    part: int
    payload: bytes


class MachineFailed(RuntimeError):
    """Something went wrong inside, on a machine of the cluster."""


def digested(batches: Batches, files: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The digests of the files whose numbers come in."""
    return _sent(batches, lambda number: iter([_object(number, file_digest(Path(files[number])))]))


def surveyed(batches: Batches, pieces: Sequence[Piece]) -> Iterator[pa.RecordBatch]:
    """What is to be known of the pieces whose numbers come in, before any partition is judged."""
    return _sent(batches, lambda number: iter([_object(number, survey(pieces[number]))]))


def even_keys(partitions: int) -> list[int]:
    """A key for each partition, such that Spark, which goes by a hash of the key, gives each a task of its own.

    Were the partitions' own numbers hashed, a third of the tasks would be empty and some would hold five partitions.
    The hash is Spark's `hash` of an integer (Murmur3, seed 42); were it another, the tasks would be uneven again.
    """
    keys = np.arange(_KEYS_A_PARTITION * partitions, dtype=np.uint32)
    _, first = np.unique(_murmur3(keys) % partitions, return_index=True)
    if len(first) < partitions:
        raise AssertionError("a task without a key")
    return [int(key) for key in first]


def _murmur3(keys: NDArray[np.uint32]) -> NDArray[np.int64]:
    mixed = _turned(keys * np.uint32(0xCC9E2D51), 15) * np.uint32(0x1B873593)
    found = _turned(mixed ^ np.uint32(42), 13) * np.uint32(5) + np.uint32(0xE6546B64)
    # of four bytes each
    found ^= np.uint32(4)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        found = (found ^ (found >> np.uint32(shift))) * np.uint32(factor)
    return (found ^ (found >> np.uint32(16))).astype(np.int32).astype(np.int64)


def _turned(values: NDArray[np.uint32], by: int) -> NDArray[np.uint32]:
    return (values << np.uint32(by)) | (values >> np.uint32(32 - by))


def dealt(batches: Batches, pieces: Sequence[Piece], keys: Sequence[int]) -> Iterator[pa.RecordBatch]:
    """The rows of the pieces whose numbers come in, packed by the key of their patients' partition."""
    return _sent(batches, lambda number: _deal(number, pieces, keys))


def _deal(number: int, pieces: Sequence[Piece], keys: Sequence[int]) -> Iterator[Parcel]:
    piece = pieces[number]
    # every partition is told of every table, though it may have no row of it
    tells = not any(other.table == piece.table for other in pieces[:number])
    with readable(piece):
        for part, table in enumerate(read_piece(piece)):
            batch, ends = in_partitions(table, len(keys))
            for key, begin, end in zip(keys, [0, *ends[:-1]], ends, strict=True):
                if end > begin or (tells and not part):
                    yield Parcel(key, number, part, packed(batch.slice(begin, end - begin)))


def judged(
    batches: Batches, pieces: Sequence[Piece], keys: Sequence[int], plan: Plan, out: str
) -> Iterator[pa.RecordBatch]:
    """Judges partitions whose parcels come in one after the other; writes their tables, yields their accounts."""
    number_of = {FAILED: FAILED, **{key: partition for partition, key in enumerate(keys)}}
    parcels = groupby(_opened(batches), key=lambda parcel: number_of[parcel.partition])
    return _batched(_carried(0, lambda: (made for partition, parts in parcels
                                         for made in _judge(partition, list(parts), pieces, plan, out))))  # fmt: skip


def _judge(
    partition: int, parcels: Sequence[Parcel], pieces: Sequence[Piece], plan: Plan, out: str
) -> Iterator[Parcel]:
    if partition == FAILED:
        yield from parcels
        return
    found: dict[str, list[bytes]] = {}
    for parcel in sorted(parcels, key=lambda parcel: (parcel.piece, parcel.part)):
        found.setdefault(pieces[parcel.piece].table, []).append(parcel.payload)
    done = judge_partition({name: unpacked(parts) for name, parts in found.items()}, plan)
    account: Account = (done.counted, done.findings, publish_partition(done, partition, Path(out)))
    yield Parcel(partition, 0, 0, pickle.dumps(account))


def summed(batches: Batches, gathered: Gathered) -> Iterator[pa.RecordBatch]:
    """Adds up the accounts of all partitions, which come in order; yields one object, or the first error."""

    def added() -> Iterator[Parcel]:
        counts, outputs = [], dict[str, str]()
        for parcel in _opened(batches):
            if parcel.partition == FAILED:
                yield parcel
                return
            counted, findings, written = pickle.loads(parcel.payload)
            counts.append(counted)
            gathered.take(findings)
            outputs.update(written)
        yield _object(0, (reduce(lambda one, two: one + two, counts), gathered, outputs))

    return _batched(added())


def listed(batches: Batches) -> Iterator[pa.RecordBatch]:
    """Puts objects together that come in order: one list, or the first error; what is surveyed, by table."""

    def together() -> Iterator[Parcel]:
        parcels = list(_opened(batches))
        failed = [parcel for parcel in parcels if parcel.partition == FAILED]
        found = [pickle.loads(parcel.payload) for parcel in parcels if not failed]
        yield failed[0] if failed else _object(0, _by_table(found))

    return _batched(together())


def _by_table(found: Sequence[Any]) -> list[Any]:
    """Surveys of pieces as surveys of tables; anything else as it is."""
    if not all(isinstance(item, Spilled) for item in found):
        return list(found)
    tables = dict.fromkeys(item.table for item in found)
    return [reduce(_both, (item for item in found if item.table == table)) for table in tables]


def _both(one: Spilled, two: Spilled) -> Spilled:
    dates = {field: cells | two.dates[field] for field, cells in one.dates.items()}
    return Spilled(one.table, (), one.rows + two.rows, dates)


# --- parcels


def _object(number: int, found: object) -> Parcel:
    return Parcel(0, number, 0, pickle.dumps(found))


def _opened(batches: Batches) -> Iterator[Parcel]:
    for batch in batches:
        yield from map(Parcel._make, zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _sent(batches: Batches, work: Callable[[int], Iterator[Parcel]]) -> Iterator[pa.RecordBatch]:
    """The work for each number that comes in."""
    numbers = (number for batch in batches for number in batch.column(0).to_pylist())
    return _batched(parcel for number in numbers for parcel in _carried(number, partial(work, number)))


def _carried(number: int, work: Callable[[], Iterator[Parcel]]) -> Iterator[Parcel]:
    """What the work yields; an error that a user can mend is a parcel.

    Raises:
        MachineFailed: any other error.
    """
    try:
        yield from work()
    except AuditError as error:
        yield Parcel(FAILED, number, 0, pickle.dumps(error))
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        raise MachineFailed(f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}") from None


def _batched(parcels: Iterable[Parcel]) -> Iterator[pa.RecordBatch]:
    held: list[Parcel] = []
    for parcel in parcels:
        held.append(parcel)
        if len(held) == _TOGETHER:
            yield _batch(held)
            held = []
    if held:
        yield _batch(held)


def _batch(parcels: Sequence[Parcel]) -> pa.RecordBatch:
    columns = zip(*parcels, strict=True)
    return pa.RecordBatch.from_arrays([pa.array(column, field.type) for column, field in zip(columns, PARCELS,
                                                                                             strict=True)],
                                      schema=PARCELS)  # fmt: skip
