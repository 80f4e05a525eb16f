"""What holders do about consents: give one, see theirs, and withdraw one.

Decides that a person consents for himself alone (the token says who he is), to one authority, for one case of its own item, whether it was
opened yet or not, to types that ask for it, and for a bounded time. One case has one consent of a person at most: giving it anew takes the place
of the one before, so that one withdrawal ends it all. Every change is recorded in its own unit of work.
PIPL articles 14 to 16: consent is informed, explicit, and can be withdrawn; what was read before stays read.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import reduce
from typing import Final

from sqlmodel import Session, col, select

from hub.access.holders.caller import HolderCaller
from hub.audit.service import Audit, Entry, Pending
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError
from hub.paging import OpenCursors, Page, Window, cut
from hub.sharing.basis import PRESENTED
from hub.sharing.cases import CaseRecord
from hub.sharing.consents.consented import ByLicence, Shown
from hub.sharing.consents.keeping import Consent, Terms, case_value, keep, opened_row
from hub.sharing.model import HolderConsent
from hub.sharing.purpose import Person, checked_number
from hub.sharing.refusals import ConsentLimitError, ConsentStateError, ConsentUnknownError
from hub.vault import erasure, purposes
from hub.vault.service import Vault

KIND: Final = "consent"
MOST_IN_FORCE: Final = 200  # of one person, with one authority
MOST_TYPES: Final = 20
_CURSORS: Final = OpenCursors("consents")
_END_OF_TIME: Final = 10**17


@dataclass(frozen=True, slots=True)
class ConsentWish:
    """What a holder consents to; `expires_at` None: for as long as a consent may last."""

    authority: str
    item: str
    number: str = field(repr=False)
    types: tuple[str, ...]
    expires_at: datetime | None = None


class HolderConsents:
    """Keeps consents."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, clock: Clock,
        today: Callable[[], date], *, days: int,
    ) -> None:  # fmt: skip
        """`today` gives the legal day; no consent lasts for more than `days`."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._today = today
        self._longest = timedelta(days=days)

    def give(self, holder: HolderCaller, wish: ConsentWish, pending: Pending) -> Consent:
        """Let an authority read licences of the holder's in one case.

        Raises:
            CodeError: the token's code breaks its own rule.
            AuthorityUnknownError, ItemUnknownError, InputInvalidError: the wish is not acceptable; the message says why.
            ConsentLimitError: too many of his consents to this authority are in force.
            PolicyChangedError: the catalogue is no longer the one the request began under.
        """
        terms = self._terms(self._person(holder), wish)
        with self._database.transaction() as session:
            self._audit.require_epoch(session, pending.epoch)
            self._hold(session, terms.person)
            self._replace(session, terms)
            return self._given(session, terms)

    def present(self, session: Session, person: Person, case: CaseRecord, shown: Mapping[str, ByLicence]) -> None:
        """Take what a person shows in a case, by type, as his consent to reads of just that, where the type asks for consent.

        It is joined to what he consented to in the case before; nothing of that becomes less. Raises ConsentLimitError.
        """
        asked = {key: licences for key, licences in shown.items() if self._asks(key)}
        if not asked:
            return
        self._hold(session, person)
        until = self._clock.now() + self._longest
        terms = Terms(person, case.authority, case.item, case.number, tuple(sorted(asked)), until, asked)
        now, here = self._clock.now(), consent_case(terms)
        known = (each for each in self._of(session, person, [case.authority]) if each.in_force(now))
        terms = reduce(joined, (each.terms for each in known if consent_case(each.terms) == here), terms)
        self._replace(session, terms)
        self._given(session, terms)

    def withdraw(self, holder: HolderCaller, consent_id: str) -> Consent:
        """End a consent of the holder's now: the next read does not find it.

        Raises:
            ConsentUnknownError: he has given none of this id.
            ConsentStateError: it is withdrawn or over already.
        """
        person = self._person(holder)
        with self._database.transaction() as session:
            self._hold(session, person)
            row = session.get(HolderConsent, consent_id, populate_existing=True)
            consent = opened_row(self._vault, session, row) if row else None
            if row is None or consent is None or consent.terms.person != person:
                raise ConsentUnknownError
            if not consent.in_force(self._clock.now()):
                raise ConsentStateError
            return self._end(session, row, consent, "WITHDRAWN")

    def consents(self, holder: HolderCaller, window: Window) -> Page[Consent]:
        """Return a page of the consents that a holder has given, the newest first; raises InputInvalidError, CodeError."""
        with self._database.snapshot() as session:
            found = sorted(self._of(session, self._person(holder)), key=_place)
        return cut(found, _place, window, _CURSORS)

    def of_authority(self, authority: str) -> tuple[Consent, ...]:
        """Return the consents given to an authority, the oldest first, without those of erased persons; raises AuthorityUnknownError."""
        mine = select(HolderConsent).where(HolderConsent.authority == self._catalogue.authority(authority).code)
        with self._database.snapshot() as session:
            found = [opened_row(self._vault, session, row) for row in session.exec(mine.order_by(HolderConsent.id))]
        return tuple(each for each in found if each)

    def erase(self, session: Session, person: str) -> list[str]:
        """Erase a person (`purposes.person`) from his consents, on record, and return the handles that lost him."""
        domains = [purposes.consent_of(authority.code) for authority in self._catalogue.authorities()]
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        handles = session.exec(select(HolderConsent.handle).where(col(HolderConsent.key_id).in_(erased.keys))).all()
        if handles:
            self._audit.append(session, Entry("erasure", {"subjects": sorted(handles)}))
        return list(handles)

    # -- within a unit of work -----------------------------------------------------------------------------------------

    def _hold(self, session: Session, person: Person) -> None:
        """Let changes of one person's consents follow each other."""
        self._database.lock(session, f"consent {person.value}".encode())

    def _given(self, session: Session, terms: Terms) -> Consent:
        now, handle = self._clock.now(), uuid.uuid4().hex
        row = keep(self._vault, session, terms, now, handle)
        row.record = self._note(session, "GIVEN", row.id, terms, handle)
        session.add(row)
        return Consent(row.id, terms, now, None, handle, row.record)

    def _replace(self, session: Session, terms: Terms) -> None:
        """End the consent of the same case, if one is in force; refuse the one too many."""
        now, here = self._clock.now(), consent_case(terms)
        known = [each for each in self._of(session, terms.person, [terms.authority]) if each.in_force(now)]
        others = [each for each in known if consent_case(each.terms) != here]
        if len(others) >= MOST_IN_FORCE:
            raise ConsentLimitError
        for each in known:
            row = session.get(HolderConsent, each.id) if each not in others else None
            if row is not None:
                self._end(session, row, each, "REPLACED")

    def _end(self, session: Session, row: HolderConsent, consent: Consent, operation: str) -> Consent:
        now = self._clock.now()
        row.withdrawn_at = to_micros(now)
        session.add(row)
        self._note(session, operation, row.id, consent.terms, consent.handle)
        return Consent(consent.id, consent.terms, consent.given_at, now, consent.handle, consent.record)

    def _note(self, session: Session, operation: str, consent_id: str, terms: Terms, handle: str) -> str:
        facts = {
            "operation": operation, "consent": consent_id, "authority": terms.authority, "item": terms.item,
            "types": list(terms.types), "expires_at": to_micros(terms.expires_at), "subjects": [handle],
            **({PRESENTED: _presentations(terms)} if terms.only else {}),
        }  # fmt: skip
        return self._audit.append(session, Entry(KIND, facts))

    def _of(self, session: Session, person: Person, authorities: Iterable[str] | None = None) -> list[Consent]:
        codes = [each.code for each in self._catalogue.authorities()] if authorities is None else authorities
        found = self._vault.find(session, map(purposes.consent_of, codes), person.value)
        keys = {row.key_id for row in found}
        rows = session.exec(select(HolderConsent).where(col(HolderConsent.key_id).in_(keys))).all()
        consents = (opened_row(self._vault, session, row) for row in rows)
        return [each for each in consents if each and each.terms.person == person]

    # -- what may be consented to --------------------------------------------------------------------------------------

    def _terms(self, person: Person, wish: ConsentWish) -> Terms:
        authority, item = self._catalogue.authority(wish.authority), self._catalogue.item(wish.item)
        if item.authority != authority.code:
            raise InputInvalidError("The service item is not one of this authority; `serviceItems` tells whose it is.")
        types = tuple(dict.fromkeys(wish.types))
        if not 1 <= len(types) <= MOST_TYPES or not all(map(self._asks, types)):
            raise InputInvalidError(
                f"Name 1 to {MOST_TYPES} licence types that ask for consent; `licenceTypes` tells which do."
            )
        number = checked_number(wish.number, (person,))
        return Terms(person, authority.code, item.code, number, types, self._expiry(wish.expires_at))

    def _asks(self, type_key: str) -> bool:
        versions = self._catalogue.current.types.get(type_key)
        return versions is not None and versions[-1].holder_consent

    def _expiry(self, wished: datetime | None) -> datetime:
        now = self._clock.now()
        expires_at = now + self._longest if wished is None else wished
        if expires_at.tzinfo is None or not now < expires_at <= now + self._longest:
            raise InputInvalidError(
                f"A consent ends in the future, and {self._longest.days} days from now at the latest."
            )
        return expires_at

    def _person(self, holder: HolderCaller) -> Person:
        return Person(holder.code_type, normalise_holder_code(holder.code_type, holder.code, self._today()))


def consent_case(terms: Terms) -> str:
    """Return what one case of one authority and person is told by."""
    return case_value(terms.authority, terms.item, terms.number)


def joined(terms: Terms, before: Terms) -> Terms:
    """Return what both say, of one case: a type that either lets be read as a whole stays so."""
    limited = {
        key: {**before.only.get(key, {}), **_wider(terms.only.get(key, {}), before.only.get(key, {}))}
        for key in (*terms.only, *before.only)
        if not any(key in each.types and key not in each.only for each in (terms, before))
    }
    types = tuple(sorted({*terms.types, *before.types}))
    return replace(terms, types=types, only=limited, expires_at=max(terms.expires_at, before.expires_at))


def _wider(shown: ByLicence, before: ByLicence) -> ByLicence:
    """Return what was shown, with the paths that were shown of the same licences before."""
    return {
        licence: Shown(one.presentation, one.paths | (before[licence].paths if licence in before else frozenset()))
        for licence, one in shown.items()
    }


def _presentations(terms: Terms) -> list[str]:
    return sorted({one.presentation for shown in terms.only.values() for one in shown.values()})


def _place(consent: Consent) -> tuple[str]:
    return (f"{_END_OF_TIME - to_micros(consent.given_at):017d}{consent.id}",)
