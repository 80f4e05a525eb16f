"""Trusted documents: the operations a client registers at build time, each with the service items it serves.

Decides which documents a client may run by their hash. Nothing that a runtime request sends is ever kept: who registers
has a scope of its own and proves himself anew, so that a stolen token plants nothing. A manifest is kept whole or not at
all. Every change is recorded and advances the policy epoch in its own transaction.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, or_, select

from hub.access.caller import REGISTER, Caller
from hub.access.clients import held
from hub.access.judging import Examine, Judge, Judged
from hub.access.manifest import PREFIX, Manifest, read_list, write_list
from hub.access.model import TrustedDocument
from hub.audit.service import Audit, Entry
from hub.clock import Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import (
    ClientUnknownError,
    DocumentLimitError,
    DocumentRetiredError,
    DocumentsRefusedError,
    DocumentUnknownError,
    Reason,
)

MOST_DOCUMENTS: Final = 500
MOST_BYTES: Final = 512 * 1024


@dataclass(frozen=True, slots=True)
class Registered:
    """A document as it is kept now; `change` is registered, restored, redeclared (other purposes) or unchanged."""

    hash: str
    operations: tuple[str, ...]
    purposes: frozenset[str]
    change: str


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """A document as an administrator sees it; times in microseconds, `reasons` say why it does not run any more."""

    client_id: str
    hash: str
    operations: tuple[str, ...]
    purposes: tuple[str, ...]
    registered_at: int
    retired_at: int | None
    reasons: tuple[Reason, ...]

    @property
    def registered_moment(self) -> datetime:
        """Return since when."""
        return from_micros(self.registered_at)


class TrustedDocuments:
    """Registers, lists and retires the documents of client systems."""

    def __init__(
        self, database: Database, audit: Audit, clock: Clock, *, prove: Callable[[Caller, str], None],
        examine: Examine, owner_of: Callable[[str], str],
    ) -> None:  # fmt: skip
        """`prove` is Access.prove; `examine` asks the live schema and `owner_of` the catalogue, see Judge."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._prove = prove
        self._examine = examine
        self._judge = Judge(examine, owner_of)

    # -- changes -----------------------------------------------------------------------------------------------------

    def submit(
        self, caller: Caller, assertion: str, manifest: Manifest, client_id: str | None = None
    ) -> tuple[Registered, ...]:
        """Register a manifest for the caller, or for another client of his authority; again changes nothing.

        Raises:
            ScopeMissingError: the token does not carry document:register.
            ClientAuthenticationError, AssertionReplayedError: the assertion is not the caller's own, fresh proof.
            ClientUnknownError: no such client of this authority.
            ItemUnknownError, AuthorityMismatchError, DocumentsRefusedError, DocumentLimitError: nothing was registered.
        """
        caller.require(REGISTER.name)
        self._prove(caller, assertion)
        target = client_id or caller.client_id
        if self._authority(target) != caller.authority:
            raise ClientUnknownError
        return self._register(target, manifest, caller.client_id)

    def add(self, client_id: str, manifest: Manifest) -> tuple[Registered, ...]:
        """Register a manifest on an administrator's word, which also restores what was retired; raises as `submit`."""
        return self._register(client_id, manifest, None)

    def retire(self, client_id: str, identifiers: Iterable[str]) -> None:
        """Retire documents: they run no more, at once. One that is retired already is left alone.

        Raises:
            ClientUnknownError: no such client.
            DocumentUnknownError: the client never registered one of them; nothing was retired.
        """
        with self._database.transaction() as session:
            held(session, client_id)
            for hash_ in dict.fromkeys(each.removeprefix(PREFIX) for each in identifiers):
                row = session.get(TrustedDocument, (client_id, hash_))
                if row is None:
                    raise DocumentUnknownError("The client never registered one of these; list its documents.")
                if row.retired_at is None:
                    row.retired_at = to_micros(self._clock.now())
                    session.add(row)
                    self._record(session, row, "retired", None)

    def _register(self, client_id: str, manifest: Manifest, by: str | None) -> tuple[Registered, ...]:
        judged = self._judge.judge(manifest, self._authority(client_id))
        with self._database.transaction() as session:
            held(session, client_id)
            known = _known(session, client_id, judged)
            if by is not None:
                _require_unretired(known[each.hash] for each in judged if each.hash in known)
            done = tuple(self._keep(session, client_id, known, each, by) for each in judged)
            _require_room(known.values())
        return done

    def _keep(
        self, session: Session, client_id: str, known: dict[str, TrustedDocument], wanted: Judged, by: str | None
    ) -> Registered:
        row, purposes = known.get(wanted.hash), write_list(sorted(wanted.purposes))
        change = "registered" if row is None else _change(row, purposes)
        if row is None:
            row = known[wanted.hash] = TrustedDocument(
                client_id=client_id, hash=wanted.hash, text=wanted.text, purposes=purposes,
                operations=write_list(wanted.operations), registered_at=to_micros(self._clock.now()),
            )  # fmt: skip
        if change != "unchanged":
            row.purposes, row.retired_at = purposes, None
            session.add(row)
            self._record(session, row, change, by)
        return Registered(wanted.hash, wanted.operations, wanted.purposes, change)

    def _record(self, session: Session, row: TrustedDocument, operation: str, by: str | None) -> None:
        facts = {
            "operation": operation, "client": row.client_id, "by": by, "document": row.hash,
            "operations": read_list(row.operations), "purposes": read_list(row.purposes),
        }  # fmt: skip
        self._audit.append(session, Entry("document", facts))
        self._audit.advance_epoch(session)

    # -- look-ups ----------------------------------------------------------------------------------------------------

    def kept(self, client_id: str | None = None, *, judged: bool = True) -> tuple[KeptDocument, ...]:
        """Return the documents of a client, or of all, retired ones too, each judged by the schema of today unless that is not asked."""
        wanted = select(TrustedDocument).order_by(
            TrustedDocument.client_id, col(TrustedDocument.registered_at), TrustedDocument.hash
        )
        if client_id is not None:
            self._authority(client_id)
            wanted = wanted.where(TrustedDocument.client_id == client_id)
        with self._database.snapshot() as session:
            return tuple(self._shown(row, judged=judged) for row in session.exec(wanted))

    def _shown(self, row: TrustedDocument, *, judged: bool) -> KeptDocument:
        reasons = () if row.retired_at or not judged else self._examine(PREFIX + row.hash, row.text).reasons
        operations, purposes = tuple(read_list(row.operations)), tuple(read_list(row.purposes))
        return KeptDocument(
            row.client_id, row.hash, operations, purposes, row.registered_at, row.retired_at, reasons
        )  # fmt: skip

    def _authority(self, client_id: str) -> str:
        with self._database.snapshot() as session:
            return held(session, client_id).authority


def _known(session: Session, client_id: str, judged: Iterable[Judged]) -> dict[str, TrustedDocument]:
    """Return what a client keeps, and what it retired of these documents, by hash."""
    mine = select(TrustedDocument).where(TrustedDocument.client_id == client_id)
    hashes = [each.hash for each in judged]
    here = or_(col(TrustedDocument.retired_at).is_(None), col(TrustedDocument.hash).in_(hashes))
    return {row.hash: row for row in session.exec(mine.where(here))}


def _change(row: TrustedDocument, purposes: str) -> str:
    if row.retired_at is not None:
        return "restored"
    return "unchanged" if row.purposes == purposes else "redeclared"


def _require_unretired(rows: Iterable[TrustedDocument]) -> None:
    told = "An administrator retired it, and restores it; a build registers another text."
    retired = [Reason(PREFIX + row.hash, DocumentRetiredError.code, told) for row in rows if row.retired_at]
    if retired:
        raise DocumentsRefusedError(retired)


def _require_room(rows: Iterable[TrustedDocument]) -> None:
    texts = [row.text for row in rows if row.retired_at is None]
    if len(texts) > MOST_DOCUMENTS or sum(len(text.encode()) for text in texts) > MOST_BYTES:
        raise DocumentLimitError(
            f"A client keeps {MOST_DOCUMENTS} documents of {MOST_BYTES:,} bytes together at most; retire old ones."
        )
