"""The next edition of a licence, begun from the present one: read by the issuing authority, on record, and met again when another officer was faster.

Decides what a new edition begins with, and what becomes of it when the licence has changed meanwhile. It must never go on from an edition that is not
valid any more; what was typed stays kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from anyio.to_thread import run_sync

from hub.audit.service import Pending
from hub.catalogue.licence_type import LicenceType
from hub.licences.status import Status
from hub.sharing.disclosure import Disclosed
from hub.web.console.hub import ConsoleHub
from hub.web.console.issuing import errand as errands
from hub.web.console.issuing.controls import LONG_TERM, outline
from hub.web.console.issuing.desk import Desk, Paper
from hub.web.console.issuing.differences import Difference, Side, differences
from hub.web.console.issuing.errand import Errand
from hub.web.console.issuing.sheet import Present, Sheet
from hub.web.console.issuing.texts import Typed, written

_NOT_VALID: Final = "STATUS_FORBIDS"
_RENEW: Final = "renew"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no edition can be begun: a code of errands.OBSTACLES, and the edition that took the place of this one, if there is one."""

    errand: Errand
    code: str
    newer: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """A form that follows a newer edition, and what that changed; `code` says why it cannot go on, then nothing of it has changed."""

    paper: Paper
    changed: Sequence[Difference] = ()
    code: str | None = None


class Editions:
    """Begins editions."""

    def __init__(self, hub: ConsoleHub, desk: Desk) -> None:
        """Read by the funnel of `hub.sharing`."""
        self._hub = hub
        self._desk = desk

    async def begin(self, errand: Errand, pending: Pending) -> str | Refused:
        """Return the id of what the officer has begun on an edition, or begin it with what the edition says.

        Raises:
            NotFoundError: there is no such licence of the authority.
            DamagedError, PolicyChangedError, UnavailableError: nothing was begun.
        """
        caller = errand.caller
        waiting = await run_sync(self._hub.licences.unfinished.waiting, caller.client_id, [caller.authority])
        for each in waiting:
            if (each.operation, each.identifier) == (errand.operation, errand.identifier):
                return each.id
        disclosed = await self._hub.sharing.own(caller, errand.identifier or "", None, pending)
        errand = replace(errand, type_key=disclosed.stored.type_key)
        if disclosed.stored.status is not Status.VALID:
            return Refused(errand, _NOT_VALID, disclosed.stored.superseded_by or "")
        if code := await run_sync(errands.obstacle, self._hub, errand):
            return Refused(errand, code)
        typed = self._typed(disclosed)
        sheet = Sheet(self._first(errand.operation, typed), present=Present.of(typed, disclosed.stored.revision))
        return (await run_sync(self._desk.begin, errand, sheet, typed.pictures)).id

    async def catch_up(self, paper: Paper, pending: Pending, language: str) -> Met:
        """Let a form follow the newest edition of its licence; raises as `begin`."""
        caller, before = paper.errand.caller, paper.sheet.present
        disclosed = await self._hub.sharing.own(caller, paper.errand.identifier or "", None, pending)
        while disclosed.stored.superseded_by:
            disclosed = await self._hub.sharing.own(caller, disclosed.stored.superseded_by, None, pending)
        if disclosed.stored.status is not Status.VALID or before is None:
            return Met(paper, code=_NOT_VALID)
        newer, identifier = self._typed(disclosed), disclosed.stored.identifier
        present = Present.of(newer, disclosed.stored.revision)
        followed = await run_sync(self._desk.follow, paper, newer, disclosed.stored.revision, identifier)
        sides = Side(before.texts, before.digests), Side(present.texts, present.digests)
        moved = errands.moved(followed.errand, identifier)
        return Met(replace(followed, errand=moved), differences(paper.outline, *sides, language))

    def _typed(self, disclosed: Disclosed) -> Typed:
        """Return an edition as it stands in a form of the newest version of its type."""
        stored = disclosed.stored
        document = {**disclosed.values, "validFrom": stored.valid_from, "validUntil": stored.valid_until}
        return written(outline(self._type(stored.type_key)), document, self._hub.settings.calendar)

    def _type(self, key: str) -> LicenceType:
        return self._hub.catalogue.current.types[key][-1]

    def _first(self, operation: str, typed: Typed) -> dict[str, str]:
        """Return what a new edition's form begins with: of a renewal the period is to be said anew."""
        if operation != _RENEW:
            return dict(typed.texts)
        today = self._desk.today.isoformat()
        kept = {name: text for name, text in typed.texts.items() if name not in {"validUntil", LONG_TERM}}
        return kept | {"issuedOn": today, "validFrom": today}
