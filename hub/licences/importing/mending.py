"""Rejects leave the hub as a file: in the clear for those who mend it, or sealed for whoever asked for one on disk.

Decides how a refused row looks to who mends it: as it stood in the file, and beside it the row's number, and field, value and
reason of everything that is wrong. A sealed file holds what the database holds, line by line, and opens in this hub alone, as
long as the rejects' key lives.
"""

import base64
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlmodel import Session

from hub.errors import DamagedError, NotFoundError, PolicyChangedError
from hub.licences.importing.mended import ADDED, safe
from hub.licences.importing.plans import Plans
from hub.licences.importing.refusals import RejectsGoneError
from hub.licences.importing.rejects import Reject, Rejects
from hub.licences.importing.sealing import Bad, Order
from hub.vault.service import DataKey, Vault

_FORMAT: Final = "licence-hub-rejects-1"
_LONGEST_VALUE: Final = 200
_BETWEEN: Final = " ; "


def mendable(rejects: Iterable[Reject], columns: tuple[str, ...], *, as_json: bool) -> Iterator[bytes]:
    """Yield the rejects as CSV (with the mark by which spreadsheets know UTF-8), or as JSON Lines."""
    return _json_lines(rejects) if as_json else _csv(rejects, columns)


def _csv(rejects: Iterable[Reject], columns: tuple[str, ...]) -> Iterator[bytes]:
    line = io.StringIO()
    writer = csv.writer(line)

    def written(cells: Iterable[str]) -> bytes:
        line.seek(0)
        line.truncate()
        writer.writerow(map(safe, cells))
        return line.getvalue().encode()

    yield b"\xef\xbb\xbf" + written((*columns, *ADDED))
    for one in rejects:
        yield written((*(one.cells.get(name, "") for name in columns), *_added(one)))


def _json_lines(rejects: Iterable[Reject]) -> Iterator[bytes]:
    for one in rejects:
        cells = {name: orjson.Fragment(cell) for name, cell in one.cells.items()}
        yield orjson.dumps({**cells, **dict(zip(ADDED, _added(one), strict=True))}) + b"\n"


def _added(reject: Reject) -> tuple[str, ...]:
    """Return what stands in the added columns: one entry a fault, in the same order in each."""
    fields = (f"{one.field_zh} {one.field_en} ({one.column or one.path or '*'})" for one in reject.faults)
    values = (value[:_LONGEST_VALUE] for value in reject.values)
    reasons = (f"{one.zh} / {one.en}" for one in reject.faults)
    return str(reject.number), _BETWEEN.join(fields), _BETWEEN.join(values), _BETWEEN.join(reasons)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file of rejects that was opened: its import, its file's columns, and its rows."""

    job_id: str
    columns: tuple[str, ...] = field(repr=False)
    as_json: bool
    rejects: Iterator[Reject] = field(repr=False)


class SealedFiles:
    """Writes and opens sealed files of rejects."""

    def __init__(self, vault: Vault) -> None:
        """Keys come from the vault; a dry run's, which no table keeps, stands wrapped in the file."""
        self._vault = vault
        self._plans = Plans(vault)
        self._rejects = Rejects(vault)

    def header(self, order: Order, key: DataKey, *, kept: bool) -> bytes:
        """Return the first line; `kept` tells whether the key is in the vault's table."""
        columns = self._plans.seal_columns(key, order.job_id, order.columns)
        head: dict[str, Any] = {
            "format": _FORMAT, "job": order.job_id, "key": key.id, "json": order.plan.rows_are_json,
            "columns": _text(columns),
        }  # fmt: skip
        if not kept:
            edition, wrapped = self._vault.wrap(key)
            head |= {"edition": edition, "wrapped": _text(wrapped)}
        return orjson.dumps(head) + b"\n"

    def line(self, number: int, sealed: bytes) -> bytes:
        """Return a reject's line."""
        return orjson.dumps({"row": number, "data": _text(sealed)}) + b"\n"

    def dry_line(self, bad: Bad) -> bytes:
        """Return the line of a row that a dry run would have refused."""
        return self.line(bad.number, bad.sealed or b"")

    def open(self, session: Session, lines: Iterator[bytes]) -> SealedFile:
        """Open a sealed file.

        Raises:
            DamagedError: it is no such file, or not this hub's.
            RejectsGoneError: its key is gone: the time for which rejects are kept is over.
        """
        try:
            head = orjson.loads(next(lines))
            key = self._key(session, head)
            columns = self._plans.open_columns(key, head["job"], _bytes(head["columns"]))
            if head["format"] != _FORMAT:
                raise DamagedError
            return SealedFile(head["job"], columns, bool(head["json"]), self._opened(key, head["job"], lines))
        except (NotFoundError, PolicyChangedError):  # destroyed, or of an edition that has ended
            raise RejectsGoneError from None
        except (StopIteration, ValueError, KeyError, TypeError):
            raise DamagedError("This is no sealed file of rejects of this hub.") from None

    def _key(self, session: Session, head: dict[str, Any]) -> DataKey:
        if "wrapped" in head:
            return self._vault.unwrap(head["key"], head["edition"], _bytes(head["wrapped"]))
        return self._vault.load_key(session, head["key"])

    def _opened(self, key: DataKey, job_id: str, lines: Iterator[bytes]) -> Iterator[Reject]:
        for line in lines:
            try:
                read = orjson.loads(line)
                number, sealed = read["row"], _bytes(read["data"])
            except (ValueError, KeyError, TypeError):
                raise DamagedError("A line of the sealed file is damaged.") from None
            yield self._rejects.open(key, job_id, number, sealed)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
