"""Rejects: rows that were refused, each sealed with its cells and everything that is wrong with it.

Decides what is kept of a row for its mending, and what of it may be told without the row: number, field and reason, never a value.
Rejects are personal data of whoever stands in them, under no index; they are met in an erasure by their expiry, when the
job's key is destroyed. This is the only module that opens purposes.REJECT.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlmodel import col, select

from hub.database import Database
from hub.licences.importing.model import ImportReject
from hub.tabular.faults import Fault
from hub.tabular.rows import BadRow, RawRow, Spoilt
from hub.vault.purposes import REJECT
from hub.vault.service import DataKey, Vault
from hub.writing import Row, target

REJECTS: Final = target("import_reject", "job_id", "number", "data")
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One fault as it may be told: no value."""

    number: int
    column: str | None
    path: str
    reason: str
    field_zh: str
    field_en: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was refused: its cells by column, its faults, and what stood there.

    Cells are texts as a table shows them or, of a file whose rows are JSON, each a JSON text.
    """

    number: int
    cells: Mapping[str, str] = field(repr=False)
    faults: tuple[Told, ...]
    values: tuple[str, ...] = field(repr=False)


def pack(row: RawRow | BadRow, faults: Sequence[Fault], *, as_json: bool) -> bytes:
    """Return a refused row's plaintext; `as_json` for files whose rows are JSON."""
    written = json_of if as_json else text_of
    cells = {name: written(cell) for name, cell in row.cells.items()} if isinstance(row, RawRow) else {}
    told = [
        (one.column, one.path, one.reason, one.field_zh, one.field_en, one.zh, one.en, text_of(one.value))
        for one in faults
    ]
    return orjson.dumps({"cells": cells, "faults": told})


def text_of(cell: Any) -> str:
    """Return a cell as a table shows it: numbers with every digit, pictures as base64."""
    found = _plain(cell)
    return found if isinstance(found, str) else "" if found is None else orjson.dumps(found).decode()


def json_of(cell: Any) -> str:
    """Return a cell as JSON."""
    return orjson.dumps(_plain(cell)).decode()


def _plain(cell: Any) -> Any:
    """Return a cell as JSON carries it."""
    if isinstance(cell, dict):
        return {name: _plain(inner) for name, inner in cell.items()}
    if isinstance(cell, list):
        return [_plain(inner) for inner in cell]
    return _WRITTEN.get(type(cell), _as_it_is)(cell)


def _as_it_is(cell: Any) -> Any:
    return cell


# A JSON writer would round what is longer than a float.
_WRITTEN: Final[Mapping[type, Callable[[Any], Any]]] = {
    int: lambda cell: orjson.Fragment(str(cell)),
    Decimal: lambda cell: orjson.Fragment(f"{cell:f}"),
    bytes: lambda cell: base64.b64encode(cell).decode(),
    date: date.isoformat,
    datetime: datetime.isoformat,
    Spoilt: lambda cell: cell.text,
}


class Rejects:
    """Keeps and gives back the rejects of jobs."""

    def __init__(self, vault: Vault) -> None:
        """Seal and open under the jobs' keys."""
        self._vault = vault

    def seal(self, key: DataKey, job_id: str, number: int, packed: bytes) -> bytes:
        """Seal what `pack` made of a row."""
        return self._vault.seal(REJECT, key, _row(job_id, number), packed)

    def open(self, key: DataKey, job_id: str, number: int, sealed: bytes) -> Reject:
        """Open a reject; raises DamagedError."""
        read = orjson.loads(self._vault.open(REJECT, key, _row(job_id, number), sealed))
        told = tuple(Told(number, *parts[:-1]) for parts in read["faults"])
        return Reject(number, read["cells"], told, tuple(parts[-1] for parts in read["faults"]))

    def writing(self, key: DataKey, job_id: str, number: int, packed: bytes) -> Row:
        """Return a reject as a row for `hub.writing`."""
        return REJECTS, (job_id, number, self.seal(key, job_id, number, packed))

    def sealed(self, database: Database, job_id: str) -> Iterator[tuple[int, bytes]]:
        """Yield number and ciphertext of a job's rejects in order; no connection is held while they are dealt with."""
        found = self._behind(database, job_id, -1)
        while found:
            yield from found
            found = self._behind(database, job_id, found[-1][0])

    def _behind(self, database: Database, job_id: str, after: int) -> Sequence[tuple[int, bytes]]:
        some = select(ImportReject.number, ImportReject.data).where(
            ImportReject.job_id == job_id, col(ImportReject.number) > after
        )
        with database.snapshot() as session:
            return session.exec(some.order_by(col(ImportReject.number)).limit(_AT_ONCE)).all()


def _row(job_id: str, number: int) -> str:
    return f"{job_id}\x1f{number}"
