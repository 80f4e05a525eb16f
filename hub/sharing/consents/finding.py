"""Which persons of a case have consented to reads of a type: the hot look-up, made only where a granted type asks for consent.

Decides that a consent counts for its holder alone, for the authority, item and case it names, for the types it names, and while it is in force
by the clock of the read. Look-ups of one tick are one query. It remembers nothing: a consent that was withdrawn does not count for the
next read.
"""

from asyncio import gather

from hub.clock import Clock
from hub.errors import NotFoundError
from hub.reading import Loader, Reader
from hub.sharing.cases import CasePerson, CaseRecord
from hub.sharing.consents.consented import Consented
from hub.sharing.consents.keeping import COLUMNS, Consent, case_value, opened
from hub.vault.purposes import consent_to
from hub.vault.service import Vault

_KEY_COLUMNS = 3
_BY_CASE = f"""
    SELECT i.value, k.id, k.edition, k.wrapped, {COLUMNS}
    FROM vault_index i JOIN holder_consent c ON c.key_id = i.key_id JOIN vault_key k ON k.id = c.key_id WHERE i.value {{keys}}
"""


class ConsentFinder:
    """Looks consents up. One per process; carries no rights."""

    def __init__(self, reader: Reader, vault: Vault, clock: Clock) -> None:
        """Read through the hot reader."""
        self._vault = vault
        self._clock = clock
        self._loader = Loader(reader, _BY_CASE)

    async def of_case(self, case: CaseRecord, type_key: str) -> Consented:
        """Return what consents are in force for reads of a type, by the part of the person of the case.

        Raises:
            DamagedError: a stored consent does not verify.
            UnavailableError: the database did not answer.
        """
        found = await gather(*(self._of(case, person) for person in case.persons))
        now = self._clock.now()
        in_force = {
            person.part: consent
            for person, several in zip(case.persons, found, strict=True)
            for consent in several
            if consent.in_force(now) and type_key in consent.terms.types
        }
        limited = {part: one.terms.only[type_key] for part, one in in_force.items() if type_key in one.terms.only}
        return Consented({part: one.id for part, one in in_force.items()}, limited)

    async def _of(self, case: CaseRecord, person: CasePerson) -> list[Consent]:
        value = case_value(person.person.value, case.item, case.number)
        candidates = self._vault.candidates(consent_to(case.authority), value)
        rows = [row for some in await gather(*(self._loader.load(each) for each in candidates)) for row in some]
        known = {row[_KEY_COLUMNS]: row for row in rows}.values()
        consents = (self._opened(row) for row in known)
        return [each for each in consents if each and _is_of(each, case, person)]

    def _opened(self, row: tuple[object, ...]) -> Consent | None:
        try:
            key = self._vault.unwrap(*row[:_KEY_COLUMNS])  # type: ignore[arg-type]  # the driver's
        except NotFoundError:
            return None
        return opened(self._vault, row[_KEY_COLUMNS:], key)


def _is_of(consent: Consent, case: CaseRecord, person: CasePerson) -> bool:
    """Tell whether it is what was looked for: an index that was moved to another consent leads to nothing."""
    terms = consent.terms
    return (terms.person, terms.authority, terms.item, terms.number) == (
        person.person, case.authority, case.item, case.number,
    )  # fmt: skip
