"""Cases: each bound to one applicant for ever, with the parties that were declared, added and never removed.

Decides which case a purpose means and who its persons are; the only opener of the purpose PARTY. It must never keep a
code in the clear: persons are ciphertext under a data key each, found again for erasure by a blind index. Of two
creators of one case exactly one wins; the other is given the winner's case, and whoever asked compares the applicant.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import orjson
from sqlalchemy import text
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, NotFoundError
from hub.reading import Loader, Reader, Row
from hub.sharing.embargoes import Embargoes
from hub.sharing.model import CaseParty, SharingCase
from hub.sharing.policy import APPLICANT, Grant
from hub.sharing.purpose import MOST_PARTIES, Party, Person, Purpose
from hub.sharing.relations import RELATIONS, Evidence, require_direct
from hub.vault.purposes import PARTY, case_party
from hub.vault.service import Vault

_COLUMNS = """
    c.id, c.authority, c.item, c.number, c.legal_basis,
    p.part, p.role, p.evidence, p.handle, p.sealed, p.key_id, k.edition, k.wrapped
    FROM sharing_case c JOIN case_party p ON p.case_id = c.id JOIN vault_key k ON k.id = p.key_id
"""
_BY_KEY = f"SELECT c.key, {_COLUMNS} WHERE c.key {{keys}}"
_BY_ID = f"SELECT c.id, {_COLUMNS} WHERE c.id {{keys}}"
_PART = 5  # the place of a person's columns in a row
_COUNT = text("SELECT count(*) FROM case_party WHERE case_id = :id")


class CasePerson(NamedTuple):
    """A person of a case; `role` is APPLICANT or a party's, `handle` is how access records speak of him.

    `evidence` is DECLARED until a relation was checked in this request (hub.sharing.proving), whatever is stored; `proved_by` is the type that did.
    """

    part: int
    role: str
    evidence: Evidence
    handle: str
    person: Person
    proved_by: str | None = None

    def __repr__(self) -> str:  # type: ignore[explicit-override]  # typing.override begins with Python 3.12
        return f"CasePerson(part={self.part}, role={self.role!r}, handle={self.handle!r})"

    def checked(self, proved_by: str | None) -> "CasePerson":
        """Return the person after a check of his relation."""
        return self._replace(evidence=Evidence.PROVED if proved_by else Evidence.NOT_PROVED, proved_by=proved_by)

    def reached_by(self, grant: Grant) -> bool:
        """Tell whether a grant reaches him: in a role that a licence can prove, only once it was proved."""
        return grant.reaches(self.role) and (self.role not in RELATIONS or self.evidence is Evidence.PROVED)


class CaseRecord(NamedTuple):
    """A case as it is kept. Persons whose data was erased are missing."""

    id: str
    authority: str
    item: str
    number: str
    legal_basis: str
    persons: tuple[CasePerson, ...]

    @property
    def applicant(self) -> CasePerson | None:
        """Return the applicant; None once his data was erased."""
        for each in self.persons:
            if each.role == APPLICANT:
                return each
        return None

    def lacks(self, parties: Iterable[Party]) -> tuple[Party, ...]:
        """Return those declared parties that the case does not have yet."""
        known = {(each.role, each.person.value) for each in self.persons}
        return tuple(party for party in parties if (party.role, party.value) not in known)


class Cases:
    """Keeps cases. Reads are batched and carry no rights; whoever asks compares authority and applicant."""

    def __init__(
        self, database: Database, reader: Reader, vault: Vault, audit: Audit, clock: Clock, embargoes: Embargoes
    ) -> None:
        """Use the reader for hot reads and the database for changes."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._clock = clock
        self._embargoes = embargoes
        self._by_key = Loader(reader, _BY_KEY)
        self._by_id = Loader(reader, _BY_ID)

    async def find(self, authority: str, item: str, number: str) -> CaseRecord | None:
        """Return the case of an authority, item and number, whoever its applicant is."""
        (rows,) = await self._by_key.load_all((_key(authority, item, number),))
        return self._record(rows)

    async def by_id(self, case_id: str) -> CaseRecord | None:
        """Return the case of an id."""
        return self._record(await self._by_id.load(case_id))

    def ensure(
        self, authority: str, client: str, purpose: Purpose, epoch: int, granted: Iterable[Grant] = ()
    ) -> CaseRecord:
        """Make the case where there is none and add the parties it lacks, unless its applicant is another one.

        Returns the case as it then is. `granted` are the grants of `epoch` that it is opened under.

        Raises:
            InputInvalidError: the case would have too many parties, or the embargo ends too late.
            EmbargoLateError: it was opened before, without the embargo that is wished for.
            PolicyChangedError: the policy is no longer that of `epoch`.
        """
        with self._database.transaction() as session:
            self.hold(session, authority, purpose.item, purpose.case_number)
            self._audit.require_epoch(session, epoch)
            return self.ensured(session, authority, client, purpose, granted)

    def hold(self, session: Session, authority: str, item: str, number: str) -> None:
        """Let changes of one case follow each other; before the epoch is held, so that nobody waits in a ring."""
        self._database.lock(session, _key(authority, item, number))

    def found(self, session: Session, authority: str, item: str, number: str) -> CaseRecord | None:
        """Return the case of an authority, item and number, within a unit of work."""
        return self._read(session, _key(authority, item, number))

    def ensured(
        self, session: Session, authority: str, client: str, purpose: Purpose, granted: Iterable[Grant] = ()
    ) -> CaseRecord:
        """Do what `ensure` does within a unit of work that holds the case and the epoch."""
        key = _key(authority, purpose.item, purpose.case_number)
        found = self._read(session, key)
        if found is None:
            return self._open(session, key, authority, client, purpose, granted)
        if found.applicant is None or found.applicant.person != purpose.applicant:
            return found
        if purpose.embargo:
            self._embargoes.require(session, found.id, purpose.embargo)
        return self._extend(session, found, client, purpose)

    def _open(
        self, session: Session, key: bytes, authority: str, client: str, purpose: Purpose, granted: Iterable[Grant]
    ) -> CaseRecord:
        case = CaseRecord(uuid.uuid4().hex, authority, purpose.item, purpose.case_number, purpose.legal_basis, ())
        session.add(
            SharingCase(
                id=case.id, key=key, authority=authority, item=case.item, number=case.number,
                legal_basis=case.legal_basis, opened_at=to_micros(self._clock.now()),
            )
        )  # fmt: skip
        session.flush()
        applicant = self._add(session, case, 0, APPLICANT, purpose.applicant)
        versions = sorted([grant.id, grant.version] for grant in granted)
        self._note(session, "opened", case, client, applicant, purpose.legal_basis, grants=versions)
        if purpose.embargo:
            self._embargoes.impose(session, case.id, authority, client, purpose.embargo)
        opened = CaseRecord(case.id, authority, case.item, case.number, case.legal_basis, (applicant,))
        return self._extend(session, opened, client, purpose)

    def _extend(self, session: Session, case: CaseRecord, client: str, purpose: Purpose) -> CaseRecord:
        lacking = case.lacks(purpose.parties)
        taken = session.execute(
            text("SELECT MAX(part) FROM case_party WHERE case_id = :id"), {"id": case.id}
        ).scalar_one()
        if taken + len(lacking) > MOST_PARTIES:
            raise InputInvalidError(f"A case has at most {MOST_PARTIES} parties.")
        related = [
            *((each.role, each.person.value) for each in case.persons),
            *((each.role, each.value) for each in lacking),
        ]
        require_direct(purpose.applicant.value, related)
        added = []
        for part, party in enumerate(lacking, start=taken + 1):
            added.append(self._add(session, case, part, party.role, Person(party.code_type, party.code)))
            self._note(session, "party added", case, client, added[-1], purpose.legal_basis)
        persons = (*case.persons, *added)
        return CaseRecord(case.id, case.authority, case.item, case.number, case.legal_basis, persons)

    def _add(self, session: Session, case: CaseRecord, part: int, role: str, person: Person) -> CasePerson:
        added = CasePerson(part, role, Evidence.DECLARED, uuid.uuid4().hex, person)
        key, row = self._vault.make_key()
        session.add(row)
        session.flush()
        plaintext = orjson.dumps([person.code_type, person.code])
        session.add(
            CaseParty(
                case_id=case.id, part=part, role=role, evidence=added.evidence, handle=added.handle,
                sealed=self._vault.seal(PARTY, key, _row_name(case.id, part), plaintext), key_id=key.id,
                added_at=to_micros(self._clock.now()),
            )
        )  # fmt: skip
        domain = case_party(case.authority)
        session.add_all(self._vault.index_rows(domain, person.value, key, f"case_party:{case.id}", part))
        return added

    def _note(
        self, session: Session, operation: str, case: CaseRecord, client: str, who: CasePerson, basis: str,
        **more: object,
    ) -> None:  # fmt: skip
        facts = {
            "operation": operation, "case": case.id, "authority": case.authority, "client": client, "item": case.item,
            "role": who.role, "evidence": who.evidence, "subjects": [who.handle], "legal_basis": basis, **more,
        }  # fmt: skip
        self._audit.append(session, Entry("case", facts))

    def named(self, session: Session, authority: str, item: str, number: str) -> str | None:
        """Return the id of the case of an authority, item and number; None when there is none."""
        return session.exec(select(SharingCase.id).where(SharingCase.key == _key(authority, item, number))).first()

    def numbers(self, session: Session, case_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return service items and case numbers, by case id."""
        columns = select(SharingCase.id, SharingCase.item, SharingCase.number)
        found = session.exec(columns.where(col(SharingCase.id).in_(case_ids)))
        return {case_id: (item, number) for case_id, item, number in found}

    def count_persons(self, session: Session, case_id: str) -> int:
        """Return how many persons a case has, with those who were erased."""
        return int(session.execute(_COUNT, {"id": case_id}).scalar_one())

    def persons(self, session: Session, case_id: str) -> tuple[CasePerson, ...]:
        """Return the persons of a case; those who were erased are missing."""
        rows = session.execute(text(f"SELECT {_COLUMNS} WHERE c.id = :id"), {"id": case_id}).all()
        record = self._record([tuple(row) for row in rows])
        return record.persons if record else ()

    def _read(self, session: Session, key: bytes) -> CaseRecord | None:
        rows = session.execute(text(f"SELECT {_COLUMNS} WHERE c.key = :key"), {"key": key}).all()
        return self._record([tuple(row) for row in rows])

    def _record(self, rows: Sequence[Row]) -> CaseRecord | None:
        if not rows:
            return None
        case_id, authority, item, number, legal_basis = rows[0][:_PART]
        people = []
        for row in sorted(rows, key=itemgetter(_PART)):
            part, role, _, handle, sealed, *key = row[_PART:]
            try:
                plaintext = self._vault.open_wrapped(PARTY, (*key,), _row_name(case_id, part), sealed)
            except NotFoundError:  # erased: nobody is this person any more
                continue
            people.append(CasePerson(part, role, Evidence.DECLARED, handle, Person(*orjson.loads(plaintext))))
        return CaseRecord(case_id, authority, item, number, legal_basis, tuple(people))


def _key(authority: str, item: str, number: str) -> bytes:
    return hashlib.sha256(f"{authority}\x1f{item}\x1f{number}".encode()).digest()


def _row_name(case_id: str, part: int) -> str:
    return f"{case_id}\x1f{part}"
