"""Counters: what was scanned, and what it is worth; inside a case with the fields that the counter's authority is granted.

Decides who a counter is (a client system with the scope licence:read, or a COUNTER_CLERK), and which way a code takes: a displayed one is redeemed, in
a case only; a printed one is verified as anybody may, and inside a case its licence is read as one of the case's persons. It must never show a field
but through the funnel, and never tell more of a code that is not the counter's to redeem than what became of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session

from hub.access.caller import READ, Caller
from hub.access.staff.acting import as_clerk
from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK
from hub.audit.service import Audit, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.counters.presentations import code as displayed
from hub.counters.presentations.code import Code
from hub.counters.presentations.redeeming import Turned
from hub.counters.presentations.service import Presentations
from hub.counters.seen import Seeing
from hub.counters.verdict import Colour, Verdict, Word, said
from hub.database import Database
from hub.errors import NotFoundError, NotGrantedError
from hub.sharing.disclosure import Disclosed
from hub.sharing.presenting import CounterPurpose, Presenting
from hub.sharing.reading import LicenceKey, OpenCase
from hub.sharing.refusals import ConsentNeededError
from hub.sharing.service import Sharing
from hub.vault.service import Vault

Current = Callable[[Session, Staff], Staff]
Verify = Callable[[str], Awaitable[Verdict]]
Counter = Caller | Staff
_WORST: Final = (Colour.RED, Colour.AMBER, Colour.GREEN)


@dataclass(frozen=True, slots=True)
class Seen:
    """A licence that was shown: the verdict on it, and what left of it (None: nothing)."""

    verdict: Verdict
    disclosed: Disclosed | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What came of a scan. `verdict` is the worst of the licences' or that on the code; `case` is there if something was read in one.

    `presentation` is the id of what was redeemed; `used_at` is when somebody else redeemed the code, `used_by` his authority, if it is the counter's own.
    """

    verdict: Verdict
    licences: tuple[Seen, ...] = ()
    case: OpenCase | None = None
    presentation: str | None = None
    used_at: datetime | None = None
    used_by: str | None = None


class Counters:
    """Answers scans."""

    def __init__(
        self, presentations: Presentations, presenting: Presenting, seeing: Seeing, catalogue: Catalogue, *,
        printed: Verify, current: Current, public_url: str,
    ) -> None:  # fmt: skip
        """`printed` verifies printed codes for anybody, `current` returns a person of staff as he is now."""
        self.presentations = presentations
        self._presenting = presenting
        self._seeing = seeing
        self._catalogue = catalogue
        self._printed = printed
        self._current = current
        self._public_url = public_url

    @classmethod
    def of(
        cls, database: Database, vault: Vault, audit: Audit, catalogue: Catalogue, sharing: Sharing, seeing: Seeing, clock: Clock, *,
        printed: Verify, current: Current, public_url: str, seconds: int,
    ) -> "Counters":  # fmt: skip
        """Put the counters of a hub together; a displayed code is good for so many `seconds`, and erasing a person reaches it."""
        presenting = sharing.presenting
        presentations = Presentations(database, vault, audit, catalogue, presenting, clock, seconds=seconds)
        sharing.erasure.reach(presentations.erase)
        return cls(
            presentations, presenting, seeing, catalogue, printed=printed, current=current, public_url=public_url
        )

    def text_of(self, code: Code) -> str:
        """Return what the QR code of a displayed code says."""
        return code.text(self._public_url)

    def asking(self, item: str) -> str:
        """Return the text of the code that a counter shows, by which a holder's app knows who asks; raises ItemUnknownError."""
        known = self._catalogue.item(item)
        return displayed.asking(self._public_url, known.authority, known.code)

    async def scan(self, who: Counter, text: str, purpose: CounterPurpose | None, pending: Pending) -> Scan:
        """Return what a scanned text is worth, and in a case (`purpose`) the fields that are granted.

        Raises:
            ScopeMissingError, RoleMissingError, PurposeNotDeclaredError: he is no counter for this item.
            ItemUnknownError, NotGrantedError: there is nothing to read for it; the code was not looked at.
            CaseMismatchError, InputInvalidError, CodeError, ConsentLimitError: the case cannot be opened so; a displayed code stays open.
            DamagedError, PolicyChangedError, UnavailableError: it cannot be told.
        """
        code = displayed.read(text)
        if purpose is None:
            self._require_any(who)
            return Scan(said(Word.CANNOT_CONFIRM) if code else await self._printed(text))
        caller = self._caller(who, self._catalogue.item(purpose.item).authority)
        if code is None:
            return await self._read(caller, text, purpose, pending)
        return await self._redeem(who, caller, code, purpose, pending)

    # -- displayed codes -----------------------------------------------------------------------------------------------

    async def _redeem(
        self, who: Counter, caller: Caller, code: Code, purpose: CounterPurpose, pending: Pending
    ) -> Scan:
        def still_may(session: Session) -> None:
            if isinstance(who, Staff):
                self._current(session, who).require(COUNTER_CLERK, caller.authority)

        found = await self.presentations.redeeming.redeem(caller, code, purpose, still_may, pending)
        if isinstance(found, Turned):
            return Scan(said(found.word), used_at=found.at, used_by=found.authority)
        case = await self._presenting.case(caller, found.case_id, purpose.legal_basis, pending)
        disclosed = await self._presenting.disclosed(case, found.presented, pending)
        licences = tuple([await self._seen(each) for each in disclosed])
        return Scan(_worst(licences), licences, case, found.presented.id)

    async def _seen(self, disclosed: Disclosed | None) -> Seen:
        if disclosed is None:
            return Seen(said(Word.NOT_GRANTED))
        return Seen(await self._seeing.verdict(disclosed), disclosed)

    # -- printed codes -------------------------------------------------------------------------------------------------

    async def _read(self, caller: Caller, text: str, purpose: CounterPurpose, pending: Pending) -> Scan:
        verdict = await self._printed(text)
        if verdict.licence is None:
            return Scan(verdict)
        case = await self._presenting.opened(caller, purpose, pending)
        key = LicenceKey(verdict.licence.type, identifier=verdict.licence.identifier)
        try:
            disclosed = await case.licence(key, None, pending)
        except NotFoundError:
            return Scan(_but(verdict, Word.OTHER_PERSON), case=case)
        except (NotGrantedError, ConsentNeededError):
            return Scan(_but(verdict, Word.NOT_GRANTED) if verdict.word is Word.VALID else verdict, case=case)
        verdict = replace(verdict, fields=self._seeing.fields(disclosed))
        return Scan(verdict, (Seen(verdict, disclosed),), case)

    # -- who scans -----------------------------------------------------------------------------------------------------

    def _require_any(self, who: Counter) -> None:
        if isinstance(who, Caller):
            who.require(READ.name)
        elif not any(who.holds(COUNTER_CLERK, authority) for authority in who.roles):
            who.require(COUNTER_CLERK)

    def _caller(self, who: Counter, authority: str) -> Caller:
        """Return in whose name a counter reads for an authority; a clerk reads what his authority is granted, as a client system does."""
        return who if isinstance(who, Caller) else as_clerk(who, authority)


def _but(verdict: Verdict, word: Word) -> Verdict:
    """Return the verdict on a code whose licence says nothing for this case."""
    return replace(verdict, word=word, reason=word)


def _worst(licences: tuple[Seen, ...]) -> Verdict:
    return min((each.verdict for each in licences), key=lambda one: _WORST.index(one.colour))
