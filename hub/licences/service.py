"""The repository of licences: what officers' systems can do, each act once, whole and recorded.

Decides who may do what: scope, own authority, right to issue, unchanged policy. It must never leave a half: one act is
one unit of work with its events, its records and its idempotent reply. A renewal or change is a new edition with the
same serial and a higher version (GB/T 36904). Methods are synchronous: call them on a worker thread.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import orjson
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.database import Database
from hub.errors import AuthorityMismatchError, InputInvalidError, UnavailableError
from hub.licences import history
from hub.licences.counting import Kept, count
from hub.licences.draft import Draft, check, check_words
from hub.licences.erasure import Erasure
from hub.licences.finding import Finder
from hub.licences.history import Event
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.licences.issuing import Issued, Issuing, Prepared, Request
from hub.licences.listing import Listing
from hub.licences.operations import Act, Operations
from hub.licences.sealing import Edition
from hub.licences.status import MAKING, OPERATIONS, Operation
from hub.licences.status_places import StatusPlace, StatusPlaces
from hub.licences.unfinished.service import Unfinished
from hub.licences.uniqueness import Rival, Uniqueness
from hub.seals.service import Sealer, Seals
from hub.vault.service import Vault

__all__ = ["Issued", "Licences"]

# Two processes may draw one status place; that they do so again and again means that something else is wrong.
_ATTEMPTS = 3

Answer = TypeVar("Answer")


class Licences:
    """Issues licences, changes their status, tells their history.

    `finder` is how others look them up, `listing` the list of an authority's own, `unfinished` what officers have begun to write.
    """

    def __init__(
        self, database: Database, finder: Finder, vault: Vault, audit: Audit, catalogue: Catalogue, seals: Seals,
        idempotency: Idempotency, clock: Clock, *, calendar: Calendar, public_url: str,
    ) -> None:  # fmt: skip
        """Use the nouns below; `calendar` says what day it is, `public_url` is part of every sealed licence."""
        self.finder = finder
        self.unfinished = Unfinished(database, vault, audit, clock)
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._seals = seals
        self._idempotency = idempotency
        self._clock = clock
        self._calendar = calendar
        self._uniqueness = uniqueness = Uniqueness(database, vault)
        self._issuing = Issuing(vault, audit, uniqueness, calendar=calendar, public_url=public_url)
        self._operations = Operations(vault, audit, uniqueness, clock)
        self._places = StatusPlaces()
        self.listing = Listing(database, catalogue, clock, calendar)
        self._erasure = Erasure(vault, audit, clock)

    def counts(self) -> Mapping[Kept, int]:
        """Return how many licences there are, by authority, type and status effective today; it reads the table whole."""
        with self._database.snapshot() as session:
            return count(session, self._calendar.day(self._clock.now()))

    # -- new editions ------------------------------------------------------------------------------------------------

    def issue(self, caller: Caller, draft: Draft, idempotency_key: str) -> Issued:
        """Seal a new licence of the caller's authority.

        Raises:
            InputError: type, type code, draft or key is not acceptable.
            AccessError: scope missing, or the authority may not issue this type.
            StateError: no usable seal, a live licence in the uniqueness scope, or the key was used otherwise.
            PolicyChangedError: a grant, client or issuing right changed since the caller was accepted.
            UnavailableError: the database is full, locked or gone; nothing was kept.
        """
        self._admit(caller, OPERATIONS["issue"], caller.authority)

        def work(session: Session) -> Issued:
            type_code = self._type_code(caller.authority, draft.type_key)
            identifier = LicenceIdentifier(type_code, caller.authority, new_serial())
            return self._store_new(session, identifier, draft, Request("issue", caller.authority, caller.client_id))

        return self._once(caller, idempotency_key, ("issue", draft), work)

    def renew(self, caller: Caller, identifier: str, draft: Draft, revision: int, idempotency_key: str) -> Issued:
        """Seal the next edition (延续) of a valid licence; the old one becomes SUPERSEDED. Raises as issue and act do."""
        return self._supersede("renew", caller, identifier, draft, revision, idempotency_key)

    def change(self, caller: Caller, identifier: str, draft: Draft, revision: int, idempotency_key: str) -> Issued:
        """Seal the next edition (变更) of a valid licence; the old one becomes SUPERSEDED. Raises as issue and act do."""
        return self._supersede("change", caller, identifier, draft, revision, idempotency_key)

    def _supersede(
        self, name: str, caller: Caller, identifier: str, draft: Draft, revision: int, idempotency_key: str
    ) -> Issued:
        operation, older = OPERATIONS[name], LicenceIdentifier.parse(identifier)
        self._admit(caller, operation, older.issuer)

        def work(session: Session) -> Issued:
            self._type_code(caller.authority, draft.type_key)
            licence = self._operations.find(session, identifier, revision, operation)
            if licence.type_key != draft.type_key:
                raise InputInvalidError(
                    "A new edition has the licence type of the old one; issue a new licence instead."
                )
            if draft.valid_from > self._calendar.day(self._clock.now()):
                raise InputInvalidError(
                    "A new edition begins today or earlier, for the present one ends with it; send it on its first day."
                )
            newer = older.next_version()
            act = Act(operation, caller.client_id, draft.reason, draft.legal_basis)
            check_words(act.legal_basis, act.reason)
            self._operations.apply(session, licence, act, superseded_by=str(newer))
            request = Request(name, caller.authority, caller.client_id)
            return self._store_new(session, newer, draft, request, supersedes=identifier)

        return self._once(caller, idempotency_key, (name, identifier, revision, draft), work)

    def ready(self, caller: Caller, type_key: str) -> str:
        """Return the number of the seal under which the caller could issue a type now; raises as `issue`, before anybody has written a word."""
        self._admit(caller, OPERATIONS["issue"], caller.authority)
        self._type_code(caller.authority, type_key)
        return self._seals.sealer(caller.authority).es_id

    def rivals(self, draft: Draft, superseded: str | None = None) -> list[Rival]:
        """Return the live licences that a checked draft would collide with now, but for the edition it takes the place of."""
        with self._database.snapshot() as session:
            found = self._uniqueness.rivals(session, draft, self._catalogue.type(draft.type_key))
        return [each for each in found if each.identifier != superseded]

    def issue_many(self, authority: str, actor: str, drafts: Sequence[Draft]) -> list[Issued]:
        """Seal new licences in one unit of work, all or none; sealing comes first and holds no lock. Raises as issue does."""
        request = Request("issue", authority, actor)

        def attempt() -> list[Issued]:
            with self._database.snapshot() as session:
                epoch = self._audit.epoch(session)
                places = self._places.give(session, len(drafts))
            for part in (self._vault, self._catalogue, self._seals):  # at least as new as the epoch
                part.refresh()
            codes = {key: self._type_code(authority, key) for key in {draft.type_key for draft in drafts}}
            sealer = self._seals.sealer(authority)
            prepared = [
                self._prepare(
                    LicenceIdentifier(codes[draft.type_key], authority, new_serial()), draft, place, sealer, request
                )
                for draft, place in zip(drafts, places, strict=True)
            ]
            with self._database.transaction() as session:
                self._audit.require_epoch(session, epoch)
                return self._issuing.store(session, prepared)

        return self._again_on_collision(attempt)

    def _store_new(
        self,
        session: Session,
        identifier: LicenceIdentifier,
        draft: Draft,
        request: Request,
        supersedes: str | None = None,
    ) -> Issued:
        place, sealer = self._places.give(session, 1)[0], self._seals.sealer(request.authority)
        return self._issuing.store(session, [self._prepare(identifier, draft, place, sealer, request, supersedes)])[0]

    def _prepare(
        self, identifier: LicenceIdentifier, draft: Draft, place: StatusPlace, sealer: Sealer, request: Request,
        supersedes: str | None = None,
    ) -> Prepared:  # fmt: skip
        now, licence_type = self._clock.now(), self._catalogue.type(draft.type_key)
        checked = check(draft, licence_type, self._calendar.day(now))
        return self._issuing.prepare(
            Edition(identifier, supersedes, place, now), checked, licence_type, sealer, request
        )

    # -- status ------------------------------------------------------------------------------------------------------

    def act(
        self, caller: Caller, operation: str, identifier: str, revision: int, reason: str, legal_basis: str,
        effective_at: datetime | None, idempotency_key: str,
    ) -> Issued:  # fmt: skip
        """Do an operation of `status.OPERATIONS` that makes no new edition, on a licence of the caller's authority.

        That needs no issuing right: who lost it, or whose type was retired, must still be able to end what he issued.

        `revision` is the one the officer saw; `effective_at` None means now, else an instant not in the future and not
        before the licence's last change.

        Raises:
            InputError: operation, identifier, words, time or key is not acceptable.
            AccessError: scope missing, or the licence is another authority's.
            NotFoundError: no licence has this identifier.
            StateError: changed meanwhile, the status forbids it, or it would be live beside another.
            PolicyChangedError, UnavailableError: as issue.
        """
        row = OPERATIONS.get(operation)
        if row is None or operation in MAKING:
            names = ", ".join(sorted(OPERATIONS.keys() - MAKING))
            raise InputInvalidError(f"The operation must be one of {names}.")
        self._admit(caller, row, LicenceIdentifier.parse(identifier).issuer)
        check_words(legal_basis, reason)
        if effective_at is not None and effective_at.tzinfo is None:
            raise InputInvalidError("The effective time needs its offset, such as 2026-11-22T08:30:00+08:00.")

        def work(session: Session) -> Issued:
            licence = self._operations.find(session, identifier, revision, row)
            return self._operations.apply(
                session, licence, Act(row, caller.client_id, reason, legal_basis, effective_at)
            )

        request = (operation, identifier, revision, reason, legal_basis, effective_at)
        return self._once(caller, idempotency_key, request, work)

    # -- history and erasure -----------------------------------------------------------------------------------------

    def events(self, session: Session, licence_id: str) -> list[Event]:
        """Return a licence's events in the order they were recorded; reasons stay sealed."""
        return history.events(session, licence_id)

    def earlier_sealings(self, licence_id: str) -> tuple[str, ...]:
        """Return the sealings that later ones took the place of, the newest first."""
        with self._database.snapshot() as session:
            return history.earlier_sealings(session, licence_id)

    def status_at(self, identifier: str, as_of: datetime, known_at: datetime | None = None) -> str | None:
        """Return the status as of an instant, as known at another (None: now); None where there was no licence yet.

        Raises:
            NotFoundError: no licence has this identifier.
        """
        with self._database.snapshot() as session:
            return history.status_at(session, identifier, as_of, known_at, self._calendar)

    def erase_person(self, session: Session, code_type: str, code: str) -> list[str]:
        """Erase a person from every licence and return the subject handles; see `hub.licences.erasure`."""
        return self._erasure.erase_person(session, code_type, code)

    # -- who may, and once -------------------------------------------------------------------------------------------

    def _admit(self, caller: Caller, operation: Operation, authority: str) -> None:
        caller.require(operation.scope)
        if caller.authority != authority:
            raise AuthorityMismatchError

    def _type_code(self, authority: str, type_key: str) -> str:
        """Return the code of a type that the authority may issue now; a repeated request is answered without it."""
        code = self._catalogue.type_code(self._catalogue.type(type_key).key)
        if not self._catalogue.may_issue(authority, type_key):
            raise AuthorityMismatchError("This authority may not issue licences of this type.")
        return code

    def _once(
        self, caller: Caller, idempotency_key: str, request: tuple[object, ...], work: Callable[[Session], Issued]
    ) -> Issued:
        wire = _canonical(request)

        def attempt() -> Issued:
            with self._database.transaction() as session:
                self._audit.require_epoch(session, caller.epoch)
                reply = self._idempotency.once(
                    session, caller, idempotency_key, wire, lambda: orjson.dumps(work(session))
                )
            return Issued(**orjson.loads(reply))

        return self._again_on_collision(attempt)

    def _again_on_collision(self, attempt: Callable[[], Answer]) -> Answer:
        """Run an attempt again when the database refused a row: a status place was taken, or a vault key's edition ended."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return attempt()
            except IntegrityError:
                self._vault.refresh()
        try:
            return attempt()
        except IntegrityError as error:
            raise UnavailableError from error


def _canonical(request: tuple[object, ...]) -> bytes:
    try:
        return orjson.dumps(request, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # its text, and its cause, may quote a value
        raise InputInvalidError("The request holds what JSON cannot carry.") from None
