"""Erasing a person from licences: his data keys and blind indexes are destroyed, seal and log stay verifiable.

Decides what of a licence belongs to a person: all of it when he is its only holder left, else his own part.
It must never erase silently: the record names the random subject handles and nothing else. A part that is gone without
such a record is tampering.
"""

from sqlmodel import Session, select

from hub.audit.service import Audit, Entry
from hub.catalogue.codes import normalise_holder_code
from hub.clock import Clock, to_micros
from hub.licences.model import Licence
from hub.vault import erasure, purposes
from hub.vault.service import Vault

_HANDLE = "handle:"


class Erasure:
    """Erases persons from licences."""

    def __init__(self, vault: Vault, audit: Audit, clock: Clock) -> None:
        """Destroy keys in the vault, record it in the audit."""
        self._vault = vault
        self._audit = audit
        self._clock = clock

    def erase_person(self, session: Session, code_type: str, code: str) -> list[str]:
        """Destroy the person's data keys within this unit of work, record it, and return the subject handles.

        A person of whom nothing is kept leaves no record. Raises CodeError.
        """
        person = purposes.person(code_type, normalise_holder_code(code_type, code))
        keys = session.exec(select(Licence.type_key).distinct()).all()
        domains = [domain(key) for key in sorted(keys) for domain in (purposes.holder, purposes.access)]
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        handles = [place.removeprefix(_HANDLE) for place in erased.places if place.startswith(_HANDLE)]
        if handles:
            self._audit.append(session, Entry("erasure", {"subjects": handles}))
        return handles
