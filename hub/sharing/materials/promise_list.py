"""Promises as their department sees them: one, a page of them by deadline, and those that are overdue. The only opener of the purpose PROMISE.

Decides that an authority sees the promises of its own cases alone. Who promised, and why it ended, is gone once the applicant was erased.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Final

import orjson
from sqlmodel import Session, col, select, tuple_

from hub.access.caller import READ, Caller
from hub.access.staff.caller import Staff
from hub.access.staff.roles import AUDITOR, SHARING_STEWARD
from hub.database import Database
from hub.errors import DamagedError
from hub.paging import OpenCursors, Page, Window, page_of
from hub.sharing.cases import Cases
from hub.sharing.materials.promise import State, Told, Who, promise_of, row_name
from hub.sharing.materials.refusals import PromiseUnknownError
from hub.sharing.model import MaterialPromise
from hub.sharing.ownership import reach_of
from hub.vault.purposes import PROMISE
from hub.vault.service import DataKey, Vault
from keys import base64url
from keys.errors import FormatError

READERS: Final = (SHARING_STEWARD, AUDITOR)
_CURSORS: Final = OpenCursors("promises")
_DAY: Final = len("2026-11-26")


class PromiseList:
    """Shows promises."""

    def __init__(self, database: Database, vault: Vault, cases: Cases, *, today: Callable[[], date]) -> None:
        """`cases` have numbers; `today` gives the legal day."""
        self._database = database
        self._vault = vault
        self._cases = cases
        self._today = today

    def told(self, caller: Caller, promise_id: str) -> Told:
        """Return a promise of the caller's authority; raises PromiseUnknownError, ScopeMissingError."""
        caller.require(READ.name)
        mine = (MaterialPromise.id == promise_id, MaterialPromise.authority == caller.authority)
        with self._database.snapshot() as session:
            found = self._told(session, self._rows(session, *mine))
        if not found:
            raise PromiseUnknownError
        return found[0]

    def late(self, staff: Staff, window: Window) -> Page[Told]:
        """Return a page of what is open after its deadline, by deadline, for stewards and auditors of its authorities; who promised is not opened.

        Raises:
            RoleMissingError, InputInvalidError: he is neither; a cursor is not one of this list.
        """
        reach = reach_of(staff, READERS)
        own = [] if reach is None else [col(MaterialPromise.authority).in_(reach)]
        return self._page([*own, *self._overdue()], window, opened=False)

    def page(self, caller: Caller, window: Window, *, overdue: bool) -> Page[Told]:
        """Return a page of the promises of the caller's authority, by deadline; with `overdue` only those that are open after it.

        Raises:
            ScopeMissingError, InputInvalidError: the token lacks licence:read; a cursor is not one of this list.
        """
        caller.require(READ.name)
        mine = [MaterialPromise.authority == caller.authority, *(self._overdue() if overdue else ())]
        return self._page(mine, window)

    def _page(self, where: list[Any], window: Window, *, opened: bool = True) -> Page[Told]:
        place = tuple_(col(MaterialPromise.deadline), col(MaterialPromise.id))
        for cursor, compare in ((window.after, place.__gt__), (window.before, place.__lt__)):
            if cursor is not None:
                (found,) = _CURSORS.read(cursor)
                where.append(compare((found[:_DAY], found[_DAY:])))
        order = (col(MaterialPromise.deadline), col(MaterialPromise.id))
        ordered = order if window.last is None else tuple(each.desc() for each in order)
        with self._database.snapshot() as session:
            statement = select(MaterialPromise).where(*where).order_by(*ordered).limit(window.size + 1)
            rows = self._told(session, session.exec(statement).all(), opened=opened)
        return page_of(rows, lambda one: (f"{one.promise.deadline.isoformat()}{one.promise.id}",), window, _CURSORS)

    def overdue(self, authority: str | None = None) -> list[Told]:
        """Return what is open after its deadline, of an authority or of all, the oldest first; who promised is not opened."""
        of = () if authority is None else (MaterialPromise.authority == authority,)
        with self._database.snapshot() as session:
            return self._told(session, self._rows(session, *of, *self._overdue()), opened=False)

    def _overdue(self) -> tuple[Any, ...]:
        return (
            MaterialPromise.state == State.OPEN.value,
            col(MaterialPromise.deadline) < self._today().isoformat(),
        )

    def _rows(self, session: Session, *where: Any) -> Sequence[MaterialPromise]:
        ordered = select(MaterialPromise).where(*where).order_by(col(MaterialPromise.deadline), col(MaterialPromise.id))
        return session.exec(ordered).all()

    def _told(self, session: Session, rows: Iterable[MaterialPromise], *, opened: bool = True) -> list[Told]:
        several, today = list(rows), self._today()
        numbers = self._cases.numbers(session, [row.case_id for row in several])
        keys = self._vault.load_keys(session, [row.key_id for row in several]) if opened else {}
        found = []
        for row in several:
            promise = promise_of(row.id, row.material, row.kind, row.state, row.deadline)
            data_key = keys.get(row.key_id)
            found.append(
                Told(
                    promise, row.item, numbers[row.case_id][1], row.item_version, row.digest,
                    self._who(row, data_key), self._why(row, data_key), promise.is_overdue(today),
                )
            )  # fmt: skip
        return found

    def _who(self, row: MaterialPromise, key: DataKey | None) -> Who | None:
        if key is None:
            return None
        known = orjson.loads(self._vault.open(PROMISE, key, row_name(row, "who"), row.sealed))
        signature = known["signature"]
        try:
            return Who(None if signature is None else base64url.decode(signature), known["clerk"])
        except FormatError as error:
            raise DamagedError from error

    def _why(self, row: MaterialPromise, key: DataKey | None) -> str | None:
        if key is None or row.settled is None:
            return None
        return self._vault.open(PROMISE, key, row_name(row, "why"), row.settled).decode()
