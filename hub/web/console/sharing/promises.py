"""The page of late promises: commitments nobody has checked, and materials that did not follow, after their deadlines.

Decides only what is shown. Who promised is not opened; departments settle promises where they took them, in the case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.sharing.materials.promise import Told
from hub.sharing.materials.promise_list import READERS
from hub.web.console.frame import Console
from hub.web.console.sections import Act
from hub.web.console.sharing.deadline import remaining
from hub.web.console.sharing.demands import DemandPages
from hub.web.console.sharing.turning import turned

PROMISES: Final = "/console/sharing/promises"


@dataclass(frozen=True, slots=True)
class PromisePages:
    """Shows late promises."""

    console: Console
    demands: DemandPages

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (Act(PROMISES, "GET", self.list, READERS, "sharing.promises.menu"),)

    async def list(self, request: Request, staff: Staff) -> Response:
        """Show a part of them, the oldest deadline first."""
        hub = self.console.hub
        page = await turned(request, partial(hub.sharing.materials.promises.late, staff))
        today, calendar = hub.sharing.today(), hub.catalogue.working_days
        left = [remaining(calendar, each.promise.deadline, today, overdue=each.overdue) for each in page.items]
        return self.console.page(
            request, "console/sharing/promises.html", page=page, rows=list(zip(page.items, left, strict=True)),
            names=self.demands.names(request), whose=self._whose, materials=self._material,
        )  # fmt: skip

    def _whose(self, told: Told) -> str:
        """Return whose item it was promised for; "" when the catalogue does not know it any more."""
        known = self.console.hub.catalogue.current.items.get(told.item)
        return known.authority if known else ""

    def _material(self, told: Told, language: str) -> str:
        """Return what a material is called in the version of the item that was promised under."""
        versions = self.console.hub.catalogue.current.documents.get(told.item, ())
        for each in versions:
            if each.version == told.item_version:
                found = (one.name.text(language) for one in each.document.materials if one.key == told.promise.material)
                return next(found, told.promise.material)
        return told.promise.material
