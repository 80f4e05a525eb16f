"""Erasing a person everywhere: from the licences he holds, from registers, from cases he appears in and consents he gave.

Decides where a person may stand: in licences of every type ever published, in every register, in cases of every authority. It must never
erase silently: each noun's part is recorded, by random subject handles only. Cases keep their number and their other
parties; seals and records stay verifiable.
"""

from collections.abc import Callable

from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.codes import normalise_holder_code
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.identities.service import Identities
from hub.licences.service import Licences
from hub.sharing.consents.service import HolderConsents
from hub.sharing.forms.model import ValueDispute
from hub.sharing.model import CaseParty
from hub.vault import erasure, purposes
from hub.vault.service import Vault

ErasesPerson = Callable[[Session, str], list[str]]
"""Erases a person (`purposes.person`), on record, and returns the handles that lost him."""


class PersonErasure:
    """Erases persons from licences, registers, cases and consents, in one unit of work."""

    def __init__(
        self, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, licences: Licences,
        identities: Identities, consents: HolderConsents, clock: Clock,
    ) -> None:  # fmt: skip
        """Destroy keys in the vault; licences, registers and consents erase their own part."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._licences = licences
        self._identities = identities
        self._clock = clock
        self._consents = consents
        self._beyond: list[ErasesPerson] = []

    def reach(self, erases: ErasesPerson) -> None:
        """Let a noun that stands above this one erase its own part too, in the same unit of work."""
        self._beyond.append(erases)

    def erase(self, code_type: str, code: str) -> int:
        """Return how many subject handles lost their person; 0 when nothing was kept of him.

        Raises:
            CodeError: the code breaks its own rule.
            UnavailableError: nothing was erased, or the message says that only SQLite's log was not emptied.
        """
        with self._database.transaction() as session:
            handles = self._licences.erase_person(session, code_type, code)
            person = purposes.person(code_type, normalise_holder_code(code_type, code))
            handles += self._identities.erase_person(session, person)
            handles += self._from_cases(session, person)
            handles += self._consents.erase(session, person)
            handles += self._from_disputes(session, person)
            for erases in self._beyond:
                handles += erases(session, person)
        self._database.forget()
        return len(handles)

    def _from_cases(self, session: Session, person: str) -> list[str]:
        domains = [purposes.case_party(authority.code) for authority in self._catalogue.authorities()]
        domains.append(purposes.promise())
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        parties = session.exec(select(CaseParty.handle).where(col(CaseParty.key_id).in_(erased.keys))).all()
        if parties:
            self._audit.append(session, Entry("erasure", {"subjects": sorted(parties)}))
        return list(parties)

    def _from_disputes(self, session: Session, person: str) -> list[str]:
        """What somebody said is right goes with each person whom it is about; that there was a dispute stays."""
        domains = [purposes.dispute(authority.code) for authority in self._catalogue.authorities()]
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        disputes = session.exec(select(ValueDispute.handle).where(col(ValueDispute.key_id).in_(erased.keys))).all()
        if disputes:
            self._audit.append(session, Entry("erasure", {"subjects": sorted(disputes)}))
        return list(disputes)
