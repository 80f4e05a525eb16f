"""Erasing a person from licences: his data keys and blind indexes are destroyed, seal and log stay verifiable.

Decides what of a licence belongs to a person: all of it when he is its sole holder, his own part when there are others.
It must never erase silently: the record names the random subject handles and nothing else. A part that is gone without
such a record is tampering.
"""

from sqlalchemy import bindparam, text
from sqlmodel import Session, col, select

from hub.audit.service import Audit, Entry
from hub.catalogue.codes import normalise_holder_code
from hub.clock import Clock, to_micros
from hub.licences.model import Licence, LicencePart
from hub.vault import purposes
from hub.vault.service import Vault

_KEYS = text("SELECT DISTINCT key_id FROM vault_index WHERE kind = 'HOLDER' AND value IN :indexes").bindparams(
    bindparam("indexes", expanding=True)
)


class Erasure:
    """Erases persons from licences."""

    def __init__(self, vault: Vault, audit: Audit, clock: Clock) -> None:
        """Destroy keys in the vault, record it in the audit."""
        self._vault = vault
        self._audit = audit
        self._clock = clock

    def parts_to_erase(self, session: Session, code_type: str, code: str) -> list[LicencePart]:
        """Return every row of ciphertext that is this person's; raises CodeError."""
        person = purposes.person(code_type, normalise_holder_code(code_type, code))
        types = session.exec(select(Licence.type_key).distinct()).all()
        indexes = [index for key in types for index in self._vault.candidates(purposes.holder(key), person)]
        keys = session.execute(_KEYS, {"indexes": indexes}).scalars().all()
        return list(session.exec(select(LicencePart).where(col(LicencePart.key_id).in_(keys))))

    def erase_person(self, session: Session, code_type: str, code: str) -> list[str]:
        """Destroy the person's data keys within this unit of work, record it, and return the subject handles.

        A person of whom nothing is kept leaves no record. Raises CodeError.
        """
        found = self.parts_to_erase(session, code_type, code)
        handles = sorted({part.handle for part in found})
        if found:
            self._vault.destroy(session, sorted({part.key_id for part in found}), to_micros(self._clock.now()))
            self._audit.append(session, Entry("erasure", {"subjects": handles}))
        return handles
