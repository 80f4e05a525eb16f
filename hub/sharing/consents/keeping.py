"""How consents are kept: terms under a data key of their own, found by the holder, or by the holder and the case.

Decides what counts as somebody's consent: what is sealed says whose it is, for which authority, item, case and types, and until when; the
columns beside it must say the same. So a row that is copied, moved or written by hand opens nothing. The only opener of the purpose
CONSENT. Whoever reads the tables alone sees neither holder nor case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sqlmodel import Session

from hub.clock import from_micros, to_micros
from hub.errors import DamagedError, NotFoundError
from hub.sharing.consents.consented import ByLicence, Shown
from hub.sharing.model import HolderConsent
from hub.sharing.purpose import Person
from hub.vault.purposes import CONSENT, consent_of, consent_to
from hub.vault.service import DataKey, Vault
from hub.writing import new_id

_PLAIN: Final = 4
"""How much of what is sealed stands in columns, too."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a holder consents to: that an authority reads licences of some types in one case, until an instant.

    Of types in `only` these licences and fields alone: he has shown them at a counter.
    """

    person: Person = field(repr=False)
    authority: str
    item: str
    number: str = field(repr=False)
    types: tuple[str, ...]
    expires_at: datetime
    only: Mapping[str, ByLicence] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it is kept. `handle` is how its records speak of the holder, `record` the id of the one that says that he gave it."""

    id: str
    terms: Terms
    given_at: datetime
    withdrawn_at: datetime | None
    handle: str
    record: str

    def in_force(self, now: datetime) -> bool:
        """Tell whether it is neither withdrawn nor over."""
        return self.withdrawn_at is None and now < self.terms.expires_at


def case_value(person: str, item: str, number: str) -> str:
    """Return the indexed value of a person (`purposes.person`) and a case."""
    return f"{person}\x1f{item}\x1f{number}"


def keep(vault: Vault, session: Session, terms: Terms, given_at: datetime, handle: str) -> HolderConsent:
    """Add a consent, and return its row; the record's id is set by the caller in the same unit of work."""
    key, consent_id = vault.new_key(session), new_id()
    row = HolderConsent(
        id=consent_id, authority=terms.authority, item=terms.item, types=_text(terms.types),
        given_at=to_micros(given_at), expires_at=to_micros(terms.expires_at), withdrawn_at=None, handle=handle,
        sealed=vault.seal(CONSENT, key, consent_id, _sealed(terms)), key_id=key.id, record="",
    )  # fmt: skip
    place, person = f"consent:{consent_id}", terms.person.value
    session.add_all(vault.index_rows(consent_of(terms.authority), person, key, place))
    exact = case_value(person, terms.item, terms.number)
    session.add_all(vault.index_rows(consent_to(terms.authority), exact, key, place))
    return row


def opened(vault: Vault, columns: Sequence[Any], key: DataKey) -> Consent:
    """Return the consent of a row: the columns of COLUMNS, in their order.

    Raises:
        DamagedError: what is sealed does not open, or is not what the columns say.
    """
    consent_id, authority, item, types, given_at, expires_at, withdrawn_at, handle, sealed, record = columns
    code_type, code, number, *told = orjson.loads(vault.open(CONSENT, key, consent_id, sealed))
    *plain, only = told if len(told) > _PLAIN else [*told, {}]
    if plain != [authority, item, orjson.loads(types), expires_at]:
        raise DamagedError
    person, until = Person(code_type, code), from_micros(expires_at)
    terms = Terms(person, authority, item, number, tuple(plain[2]), until, _read_shown(only))
    withdrawn = None if withdrawn_at is None else from_micros(withdrawn_at)
    return Consent(consent_id, terms, from_micros(given_at), withdrawn, handle, record)


NAMES = (
    "id", "authority", "item", "types", "given_at", "expires_at", "withdrawn_at", "handle", "sealed", "record",
)  # fmt: skip
COLUMNS = ", ".join(f"c.{name}" for name in NAMES)
"""The columns of holder_consent as a hot read selects them."""


def opened_row(vault: Vault, session: Session, row: HolderConsent) -> Consent | None:
    """Return the consent of a row; None: its holder was erased."""
    try:
        key = vault.load_key(session, row.key_id)
    except NotFoundError:
        return None
    return opened(vault, [getattr(row, name) for name in NAMES], key)


def _sealed(terms: Terms) -> bytes:
    person = terms.person
    told = [terms.authority, terms.item, list(terms.types), to_micros(terms.expires_at)]
    only = [_shown(terms.only)] if terms.only else []
    return orjson.dumps([person.code_type, person.code, terms.number, *told, *only])


def _shown(only: Mapping[str, ByLicence]) -> dict[str, dict[str, list[Any]]]:
    return {
        key: {licence: [one.presentation, sorted(one.paths)] for licence, one in shown.items()}
        for key, shown in only.items()
    }


def _read_shown(told: Mapping[str, Mapping[str, Any]]) -> Mapping[str, ByLicence]:
    return {
        key: {licence: Shown(presentation, frozenset(paths)) for licence, (presentation, paths) in shown.items()}
        for key, shown in told.items()
    }


def _text(names: Sequence[str]) -> str:
    return orjson.dumps(list(names)).decode()
