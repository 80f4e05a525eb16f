"""The registers as others see them: fed by their sources, counted, erased from; `finder` is how `hub.sharing` looks entries up.

Decides who may feed: a client system with the scope, of an authority that is a source of the register, under the policy it was accepted
under. It opens nothing. Methods that write are synchronous: call them on a worker thread.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from hub.access.caller import FEED, Caller
from hub.audit.service import Audit, Entry
from hub.catalogue.registers import REGISTERS, Register
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock, from_micros, to_micros
from hub.database import Database
from hub.errors import AuthorityMismatchError, InputInvalidError
from hub.identities.budget import MatchBudget
from hub.identities.feeding import Fed, Feeding
from hub.identities.finding import EntryFinder
from hub.identities.refusals import EntryInvalidError
from hub.identities.sealing import HANDLE, Source
from hub.identities.statement import Checked, Statement, Warned, check
from hub.limits import LARGEST_LIST
from hub.reading import Reader
from hub.vault import erasure, purposes
from hub.vault.service import Vault

MATCHES_A_DAY: Final = 10_000
_EDITION: Final = text("SELECT edition FROM register_entry WHERE id = :id")
_FIGURES: Final = text(
    "SELECT register_key, authority, COUNT(*), MIN(as_of), MAX(as_of) FROM register_entry"
    " GROUP BY register_key, authority ORDER BY register_key, authority"
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one statement that was sent: how it was taken, with warnings; or why it was not."""

    fed: Fed | None
    warnings: tuple[Warned, ...] = ()
    refused: EntryInvalidError | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """How much a source has said in a register: entries, and the oldest and newest as-of time among them."""

    register: str
    authority: str
    entries: int
    oldest: datetime
    newest: datetime


class Identities:
    """Keeps the registers."""

    def __init__(
        self, database: Database, reader: Reader, vault: Vault, audit: Audit, catalogue: Catalogue, clock: Clock, *,
        calendar: Calendar, matches_a_day: int = MATCHES_A_DAY,
    ) -> None:  # fmt: skip
        """Use the nouns below; a client has `matches_a_day` pairs compared at most."""
        self._database = database
        self._vault = vault
        self._audit = audit
        self._catalogue = catalogue
        self._clock = clock
        self._calendar = calendar
        self._feeding = Feeding(database, vault, audit)
        self.finder = EntryFinder(reader, vault)
        self.budget = MatchBudget(database, clock, calendar, matches_a_day)

    # -- feeding -----------------------------------------------------------------------------------------------------

    def feed(self, caller: Caller, register_key: str, statements: Sequence[Statement]) -> list[Answered]:
        """Take statements of the caller's authority, each on its own, the good ones in one unit of work; sent again, they change nothing.

        Raises:
            ScopeMissingError, AuthorityMismatchError: the caller, or his authority, may not feed this register.
            TypeUnknownError, InputInvalidError: no such register; no statement, or more than LARGEST_LIST.
            PolicyChangedError, UnavailableError: nothing was taken.
        """
        caller.require(FEED.name)
        register = self._catalogue.register(register_key)
        if not 1 <= len(statements) <= LARGEST_LIST:
            raise InputInvalidError(f"Send 1 to {LARGEST_LIST} entries at once.")
        judged = [self.judge(register, one) for one in statements]
        good = [one for one in judged if isinstance(one, Checked)]
        with self._database.transaction() as session:
            self._audit.require_epoch(session, caller.epoch)
            self.require_source(caller.authority, register)
            fed = iter(self.take(session, register, caller.authority, caller.client_id, good))
        return [
            Answered(next(fed), one.warnings) if isinstance(one, Checked) else Answered(None, refused=one)
            for one in judged
        ]

    def judge(self, register: Register, statement: Statement) -> Checked | EntryInvalidError:
        """Return a statement in the spelling that is kept, or why it is refused."""
        try:
            return check(statement, register, self._clock, self._calendar)
        except EntryInvalidError as error:
            return error

    def take(
        self, session: Session, register: Register, authority: str, client: str, said: Sequence[Checked]
    ) -> list[Fed]:
        """Take checked statements within a unit of work of a caller who may feed; see Feeding.take."""
        return self._feeding.take(session, register, Source(authority, client, to_micros(self._clock.now())), said)

    def require_source(self, authority: str, register: Register) -> None:
        """Refuse an authority that is no source of a register now; raises AuthorityMismatchError."""
        if not self._catalogue.may_feed(authority, register.key):
            raise AuthorityMismatchError("This authority is no source of this register.")

    def edition(self, session: Session, entry: str) -> int | None:
        """Return the present edition of an entry, by its id; None: there is none."""
        return session.execute(_EDITION, {"id": entry}).scalar_one_or_none()

    # -- figures and erasure -----------------------------------------------------------------------------------------

    def figures(self) -> tuple[Figures, ...]:
        """Return how much each source has said; it reads the table whole."""
        with self._database.snapshot() as session:
            return tuple(
                Figures(register, authority, count, from_micros(oldest), from_micros(newest))
                for register, authority, count, oldest, newest in session.execute(_FIGURES)
            )

    def erase_person(self, session: Session, person: str) -> list[str]:
        """Destroy what registers keep of a person (`purposes.person`) within this unit of work, on record; returns his handles.

        A source that sends him again brings him back.
        """
        domains = [domain(key) for key in REGISTERS for domain in (purposes.register, purposes.access)]
        erased = erasure.erase_person(self._vault, session, domains, person, to_micros(self._clock.now()))
        handles = [place.removeprefix(HANDLE) for place in erased.places if place.startswith(HANDLE)]
        if handles:
            self._audit.append(session, Entry("erasure", {"subjects": handles}))
        return handles
