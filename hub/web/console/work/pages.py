"""The work list: what waits for whoever is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act


@dataclass(frozen=True, slots=True)
class WorkPages:
    """Shows what waits."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (Act("/console", "GET", self.show, ANYBODY),)

    async def show(self, request: Request, _staff: Staff) -> Response:
        """Show the list."""
        return self.console.page(request, "console/work/work.html", waiting=())
