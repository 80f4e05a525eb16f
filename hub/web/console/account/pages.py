"""The page /console/account: who somebody is here, which roles he holds until when, and where he is signed in.

Decides nothing; all of it is his own. The pages of his proofs and of his link to the OpenID provider lie beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import StaffUnknownError
from hub.web import forms
from hub.web.console.account.link import LinkPages
from hub.web.console.account.proof import ProofPages
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act

HERE: Final = "/console/account"


@dataclass(frozen=True, slots=True)
class AccountPages:
    """Shows everybody his own account."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        return (
            Act(HERE, "GET", self.show, ANYBODY),
            Act(f"{HERE}/sessions/end", "POST", self.end_others, ANYBODY),
            Act(f"{HERE}/sessions/{{session_id}}/end", "POST", self.end_one, ANYBODY),
            *ProofPages(self.console).acts(),
            *LinkPages(self.console).acts(),
        )

    async def show(self, request: Request, staff: Staff) -> Response:
        """Show it."""
        service = self.console.hub.staff
        values: dict[str, Any] = await run_sync(
            lambda: {
                "member": service.me(staff),
                "sessions": service.sessions(staff),
                "has_password": service.own.has_password(staff),
                "linked": service.provider.linked(staff.id) if service.provider else None,
            }
        )
        names = {each.code: each for each in self.console.hub.catalogue.authorities()}
        today = service.administration.today()
        return self.console.page(
            request, "console/account/account.html", rules=service.rules, authorities=names, today=today, **values
        )

    async def end_others(self, request: Request, staff: Staff) -> Response:
        """End all his sessions but this one."""
        ends = self.console.hub.staff.administration.end_sessions
        form = await forms.read(request)
        return await self.console.act(staff, form, "account.sessions", lambda: ends(staff, staff.id), HERE)

    async def end_one(self, request: Request, staff: Staff) -> Response:
        """End one of his sessions; those of others are none of his."""
        form, session_id = await forms.read(request), request.path_params["session_id"]

        def work() -> None:
            if session_id not in {each.id for each in self.console.hub.staff.sessions(staff)}:
                raise StaffUnknownError("You have no such session, or it has ended.")
            self.console.hub.staff.administration.end_session(staff, session_id)

        return await self.console.act(staff, form, "account.session", work, HERE)
