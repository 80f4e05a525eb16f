"""What departments do about the materials of their cases: assess them, ask requirements, record promises and say what became of them.

Puts the parts of this folder together. A promise is recorded only for a material that is not exempt and for which the item's document offers it now: that
is assessed anew when it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from anyio import to_thread

from hub.access.caller import Caller
from hub.access.idempotency import Idempotency
from hub.audit.service import Audit, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.database import Database
from hub.errors import HubError
from hub.identities.finding import EntryFinder
from hub.paging import Page, Window
from hub.reading import Reader
from hub.sharing.cases import Cases
from hub.sharing.disclosure import Funnel
from hub.sharing.forms.said import Sayings
from hub.sharing.materials.attempts import Attempts
from hub.sharing.materials.meets import Meeting, Met
from hub.sharing.materials.promise import Kind, State, Told, Wanted, Who
from hub.sharing.materials.promise_list import PromiseList
from hub.sharing.materials.promises import Promises
from hub.sharing.materials.refusals import PromiseNotOfferedError, PromiseTextError
from hub.sharing.materials.results import Result
from hub.sharing.materials.service import Assessed, Materials, Wish
from hub.sharing.reading import CaseReading, OpenCase
from hub.sharing.register_disclosure import RegisterFunnel
from hub.vault.service import Vault

_OFFERED = {Kind.COMMITMENT: Result.COMMITMENT_ALLOWED, Kind.DEFERRAL: Result.DEFERRABLE}


@dataclass(frozen=True, slots=True)
class PromiseWish:
    """A promise that is to be recorded: of a commitment the digest of the text that was shown."""

    kind: Kind
    material: str
    who: Who
    digest: str | None = None


class CaseMaterials:
    """Materials of cases."""

    def __init__(
        self, database: Database, reader: Reader, vault: Vault, audit: Audit, clock: Clock, catalogue: Catalogue, cases: Cases,
        reading: CaseReading, funnel: Funnel, entries: EntryFinder, registers: RegisterFunnel, sayings: Sayings, today: Callable[[], date],
    ) -> None:  # fmt: skip
        """Use the parts of sharing, and the `entries` of registers; `today` gives the legal day."""
        attempts = Attempts(reading, funnel, entries, registers, catalogue)
        idempotency = Idempotency(database, vault, clock)
        self._promises = Promises(database, reader, vault, audit, clock, catalogue, idempotency, today=today)
        self._materials = Materials(attempts, funnel, catalogue, self._promises, sayings, today)
        self._meeting = Meeting(attempts, catalogue)
        self.promises = PromiseList(database, vault, cases, today=today)

    async def of_case(self, case: OpenCase, wish: Wish, pending: Pending) -> tuple[Assessed, ...]:
        """Return what each material comes to; see Materials.of_case."""
        return await self._materials.of_case(case, wish, pending)

    async def meets(self, case: OpenCase, name: str, of: str, pending: Pending) -> Met:
        """Tell whether a requirement is met; see Meeting.meets."""
        return await self._meeting.meets(case, name, of, pending)

    async def promise(self, caller: Caller, case: OpenCase, wish: PromiseWish, key: str, pending: Pending) -> Told:
        """Record a commitment or deferral in place of a material, once for one idempotency key.

        Raises:
            ItemNotPublishedError, MaterialUnknownError: the case's item asks for no such material.
            PromiseNotOfferedError, PromiseTextError: it is not offered now, or another text was shown.
            Others as Promises.make.
        """
        (found,) = await self._materials.of_case(case, Wish(), pending, only=wish.material)
        wanted = _wanted(found, wish)
        made = await to_thread.run_sync(self._promises.make, caller, case, wanted, key)
        return await to_thread.run_sync(self.promises.told, caller, made)

    async def page(self, caller: Caller, window: Window, *, overdue: bool) -> Page[Told]:
        """Return a page of the promises of the caller's authority; see PromiseList.page."""
        return await to_thread.run_sync(partial(self.promises.page, caller, window, overdue=overdue))

    async def settle(self, caller: Caller, promise_id: str, outcome: State, reason: str, key: str) -> Told:
        """Say what became of a promise; raises as Promises.settle."""
        settled = await to_thread.run_sync(self._promises.settle, caller, promise_id, outcome, reason, key)
        return await to_thread.run_sync(self.promises.told, caller, settled)


def _wanted(found: Assessed, wish: PromiseWish) -> Wanted:
    material = found.material
    terms = material.commitment if wish.kind is Kind.COMMITMENT else None
    days = terms.check_within if terms else (material.deferral.days if material.deferral else 1)
    return Wanted(
        kind=wish.kind, material=material.key, item_version=found.document.version, digest=wish.digest, days=days, who=wish.who,
        refusal=_refusal(found, wish),
    )  # fmt: skip


def _refusal(found: Assessed, wish: PromiseWish) -> HubError | None:
    """Return why the promise is not offered. A deferral may be chosen where a commitment would do."""
    commitment, deferral = found.material.commitment, found.material.deferral
    if wish.kind is Kind.DEFERRAL:
        offered = deferral is not None and found.result in _OFFERED.values()
        return None if offered else PromiseNotOfferedError()
    if commitment is None or found.result is not Result.COMMITMENT_ALLOWED:
        return PromiseNotOfferedError()
    return None if wish.digest == commitment.digest else PromiseTextError()
