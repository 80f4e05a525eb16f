"""How presentations are kept: who shows what, under a data key of its own, found by the person; and how they are forgotten.

Decides what a row stands for: what is sealed says whose it is, for which authority and item and until when, and the columns must say the same, so
that a row that is copied, moved or written by hand opens nothing. The only opener of the purpose PRESENTATION. Forgetting destroys the data key.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import orjson
from sqlmodel import Session, col, select

from hub.clock import from_micros, to_micros
from hub.counters.presentations.code import Code
from hub.counters.presentations.model import PresentationRow
from hub.counters.presentations.presentation import Presentation, State
from hub.errors import DamagedError, NotFoundError
from hub.sharing.presenting import Chosen, Presented
from hub.sharing.purpose import Person
from hub.vault import purposes
from hub.vault.purposes import PRESENTATION
from hub.vault.service import Vault

KEPT: Final = timedelta(days=1)
"""For how long a code that nobody redeemed is known after its time: then a screenshot of it is unknown, and no more expired."""
KEPT_REDEEMED: Final = timedelta(days=30)
"""For how long one that was redeemed is known, to its holder too; the records of what was read stay."""
_FORGOTTEN_AT_ONCE: Final = 100


def place(presentation_id: str) -> str:
    """Return where the vault's index leads."""
    return f"presentation:{presentation_id}"


def keep(vault: Vault, session: Session, made: Presentation, code: Code) -> PresentationRow:
    """Add a presentation, and return its row."""
    key = vault.new_key(session)
    row = PresentationRow(
        id=made.id, digest=code.digest, authority=made.authority, item=made.item, state=made.stored.value,
        made_at=to_micros(made.made_at), expires_at=to_micros(made.expires_at), forgotten_at=to_micros(made.expires_at + KEPT),
        handle=made.handle, sealed=vault.seal(PRESENTATION, key, made.id, _sealed(made, code.digest)), key_id=key.id,
    )  # fmt: skip
    session.add(row)
    domain = purposes.presentation(made.authority)
    session.add_all(vault.index_rows(domain, made.presented.person.value, key, place(made.id)))
    return row


def opened(vault: Vault, session: Session, row: PresentationRow) -> Presentation | None:
    """Return the presentation of a row; None: its holder was erased.

    Raises:
        DamagedError: what is sealed does not open, or is not what the columns say.
    """
    try:
        key = vault.load_key(session, row.key_id)
    except NotFoundError:
        return None
    code_type, code, chosen, *told = orjson.loads(vault.open(PRESENTATION, key, row.id, row.sealed))
    if told != [row.authority, row.item, row.digest.hex(), row.expires_at]:
        raise DamagedError
    licences = tuple(Chosen(identifier, type_key, frozenset(paths)) for identifier, type_key, paths in chosen)
    return Presentation(
        Presented(row.id, Person(code_type, code), licences), row.authority, row.item, State(row.state),
        from_micros(row.made_at), from_micros(row.expires_at), None if row.ended_at is None else from_micros(row.ended_at),
        row.client, row.case_id, row.handle,
    )  # fmt: skip


def of_person(vault: Vault, session: Session, authorities: Iterable[str], person: Person) -> list[PresentationRow]:
    """Return the rows of a person's presentations to some authorities."""
    found = vault.find(session, map(purposes.presentation, authorities), person.value)
    keys = {row.key_id for row in found}
    return list(session.exec(select(PresentationRow).where(col(PresentationRow.key_id).in_(keys))))


def forget(vault: Vault, session: Session, now: int) -> int:
    """Remove some presentations whose time is over (microseconds), and return how many."""
    over = select(PresentationRow).where(PresentationRow.forgotten_at <= now).limit(_FORGOTTEN_AT_ONCE)
    rows = session.exec(over.with_for_update(skip_locked=True)).all()
    for row in rows:
        session.delete(row)
    session.flush()
    vault.destroy(session, [row.key_id for row in rows], now)
    return len(rows)


def _sealed(made: Presentation, digest: bytes) -> bytes:
    person = made.presented.person
    chosen = [[each.identifier, each.type_key, sorted(each.paths)] for each in made.presented.licences]
    told = [made.authority, made.item, digest.hex(), to_micros(made.expires_at)]
    return orjson.dumps([person.code_type, person.code, chosen, *told])
