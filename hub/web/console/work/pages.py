"""The work list: what waits for whoever is signed in; and the page that proves what he has done."""

from collections.abc import Sequence
from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.web.console.acts import DONE
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act


@dataclass(frozen=True, slots=True)
class WorkPages:
    """Shows what waits."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act("/console", "GET", self.show, ANYBODY),
            Act(f"{DONE}/{{act}}", "GET", self.done, ANYBODY),
        )

    async def show(self, request: Request, _staff: Staff) -> Response:
        """Show the list."""
        return self.console.page(request, "console/work/work.html", waiting=())

    async def done(self, request: Request, staff: Staff) -> Response:
        """Prove to somebody what he has done."""
        proof = await run_sync(self.console.hub.staff.acts.proof, staff, request.path_params["act"])
        return self.console.page(request, "console/work/done.html", at=proof.path, proof=proof)
