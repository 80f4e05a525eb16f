"""The page /counter and what it asks: scans by a signed-in clerk, in a case or in none.

Decides what the page shows, never what a code is worth or which fields leave: that is hub.counters, and behind it the funnel. What is answered to one
clerk is made for him and kept nowhere; the page as it is for everybody (`shell`) holds nothing of anybody, so that it may be kept for when there is no network.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK
from hub.audit.service import Pending
from hub.catalogue.generation import ServiceItem
from hub.catalogue.items.refusals import ItemNotPublishedError
from hub.counters.service import Scan
from hub.counters.verdict import Verdict
from hub.sharing.materials.service import Assessed, Wish
from hub.sharing.presenting import CounterPurpose
from hub.sharing.reading import OpenCase
from hub.web.counter import asked
from hub.web.counter.installing import POLICY, ROOT, Installing
from hub.web.pages import KEPT_NOWHERE, Handler, Pages, wants_json
from hub.web.signed_in import Callers, SignedIn

SCAN: Final = f"{ROOT}/scan"
SHELL: Final = f"{ROOT}/shell"
STATE: Final = f"{ROOT}/state"


class Scanner(Protocol):
    """Answers scans (hub.counters.service.Counters)."""

    async def scan(self, who: Staff, text: str, purpose: CounterPurpose | None, pending: Pending) -> Scan:
        """Return what a scanned text is worth, and in a case the fields that are granted."""


class Assesses(Protocol):
    """Says what a case needs on paper (hub.sharing.materials.service.Materials)."""

    async def of_case(self, case: OpenCase, wish: Wish, pending: Pending) -> Sequence[Assessed]:
        """Return what each material of the case's item comes to."""


@dataclass(frozen=True, slots=True)
class CounterServices:
    """What the counter asks of the hub.

    Attributes:
        items: returns all service items.
        text_in: returns the text of the code in a picture or PDF, or the verdict that says why there is none.
    """

    scanner: Scanner
    materials: Assesses
    items: Callable[[], Sequence[ServiceItem]]
    text_in: Callable[[bytes], Awaitable[str | Verdict]]


@dataclass(frozen=True, slots=True)
class CounterPage:
    """Answers clerks."""

    pages: Pages
    callers: Callers
    services: CounterServices
    installing: Installing

    def routes(self) -> Mapping[str, Mapping[str, Handler]]:
        """Return who answers, by path and method."""
        clerk = SignedIn(self.pages, self.callers).page
        return {
            ROOT: {"GET": clerk(self.show, COUNTER_CLERK)},
            SCAN: {"POST": clerk(self.scan, COUNTER_CLERK)},
            STATE: {"GET": clerk(self.state, COUNTER_CLERK)},
            SHELL: {"GET": self.shell},
            **self.installing.routes(),
        }

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show the page, ready for the next code."""
        return self._page(request, self._state(request, staff), asked.Asked())

    async def shell(self, request: Request) -> Response:
        """Show the page as it is for everybody, for a browser to keep."""
        return self._page(request, None, asked.Asked())

    async def state(self, request: Request, staff: Staff) -> Response:
        """Tell a kept page what it lacks, once there is a network again."""
        return _json(self._state(request, staff))

    async def scan(self, request: Request, staff: Staff) -> Response:
        """Say what a code is worth."""
        given = await asked.read(request)
        answer = await self._answer(given, staff, request.state.pending)
        if wants_json(request):
            return _json(answer)
        given = replace(given, code="", picture=None, applicant=None)
        return self._page(request, self._state(request, staff), given, answer)

    # -- what is answered ----------------------------------------------------------------------------------------------

    async def _answer(self, given: asked.Asked, staff: Staff, pending: Pending) -> dict[str, Any]:
        text = given.code if given.picture is None else await self.services.text_in(given.picture)
        if isinstance(text, Verdict):
            return told(Scan(text))
        scan = await self.services.scanner.scan(staff, text, given.purpose, pending)
        return told(scan, await self._materials(scan, pending))

    async def _materials(self, scan: Scan, pending: Pending) -> Sequence[Assessed]:
        if scan.case is None:
            return ()
        try:
            return await self.services.materials.of_case(scan.case, Wish(), pending)
        except ItemNotPublishedError:
            return ()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _state(self, request: Request, staff: Staff) -> dict[str, Any]:
        """Return what the page's script knows of its clerk; `session` tells one session from another, and is good for nothing else."""
        token: str = request.state.form_token
        mine = [each for each in self.services.items() if staff.holds(COUNTER_CLERK, each.authority)]
        return {
            "token": token,
            "session": hashlib.sha256(token.encode()).hexdigest()[:16],
            "login": staff.login,
            "items": [{"code": each.code, "zh": each.name_zh, "en": each.name_en} for each in mine],
        }

    def _page(
        self,
        request: Request,
        state: Mapping[str, Any] | None,
        given: asked.Asked,
        answer: Mapping[str, Any] | None = None,
    ) -> Response:
        return self.pages.page(
            request, "counter/counter.html", headers=POLICY, state=state, given=given, answer=answer,
            built=self.installing.front.begins,
        )  # fmt: skip


def told(scan: Scan, materials: Sequence[Assessed] = ()) -> dict[str, Any]:
    """Return a scan as the page's script takes it: the verdict, those of single licences where there are several, and what materials come to now."""
    return {
        "verdict": scan.verdict.json(),
        "licences": [each.verdict.json() for each in scan.licences],
        "usedAt": scan.used_at and scan.used_at.isoformat(),
        "materials": [
            {"key": one.material.key, "zh": one.material.name.zh, "en": one.material.name.en, "result": one.result}
            for one in materials
        ],
    }  # fmt: skip


def _json(told: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(told), headers={**POLICY, **KEPT_NOWHERE}, media_type="application/json")
