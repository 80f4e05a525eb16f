"""Pages on which somebody links his account to who he is at the OpenID provider, or unlinks it.

Decides that both take the proof that he has here: a session alone, at a desk left unlocked, makes nobody a second way in and takes none away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.provider_sign_in import ProviderSignIn
from hub.access.staff.refusals import StaffUnknownError
from hub.web import forms
from hub.web.console.account.proof import ACCOUNT, REFUSED, refused
from hub.web.console.frame import Console
from hub.web.console.sections import ANYBODY, Act
from hub.web.cookies import PROVIDER
from hub.web.staff.door import asking, stretching
from hub.web.staff.provider import leading_on

LINK: Final = f"{ACCOUNT}/provider"


@dataclass(frozen=True, slots=True)
class LinkPages:
    """Links and unlinks; without a provider there is nothing to link."""

    console: Console

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        if self.console.hub.staff.provider is None:
            return ()
        return (
            Act(LINK, "GET", self.ask, ANYBODY),
            Act(f"{LINK}/link", "POST", self.link, ANYBODY),
            Act(f"{LINK}/unlink", "POST", self.unlink, ANYBODY),
        )

    @property
    def _provider(self) -> ProviderSignIn:
        provider = self.console.hub.staff.provider
        if provider is None:
            raise StaffUnknownError("This hub has no OpenID provider.")
        return provider

    async def ask(self, request: Request, staff: Staff) -> Response:
        """Show whether the account is linked, and ask for the proof that changes it."""
        return await self._page(request, staff)

    async def link(self, request: Request, staff: Staff) -> Response:
        """Lead to the provider whoever proved himself."""
        given = (await forms.read(request)).fields
        try:
            await stretching(
                self.console.hub.staff.own.confirm, staff, given.get("password", ""), given.get("code", "")
            )
        except REFUSED as error:
            return await self._page(request, staff, problems=refused(self.console, error))
        kept = self.console.pages.cookies.read(request, PROVIDER)
        onward = await asking(self._provider.begin, ACCOUNT, kept, staff)
        return leading_on(self.console.pages, request, onward)

    async def unlink(self, request: Request, staff: Staff) -> Response:
        """Unlink the account of whoever proved himself."""
        form = await forms.read(request)
        proof = (form.fields.get("password", ""), form.fields.get("code", ""))

        def work() -> None:
            self.console.hub.staff.own.confirm(staff, *proof)
            self._provider.unlink_own(staff)

        try:
            return await self.console.act(staff, form, "account.unlink", work, ACCOUNT)
        except REFUSED as error:
            return await self._page(request, staff, problems=refused(self.console, error))

    async def _page(self, request: Request, staff: Staff, **values: Any) -> Response:
        service = self.console.hub.staff
        linked = await run_sync(self._provider.linked, staff.id)
        has_password = await run_sync(service.own.has_password, staff)
        return self.console.page(
            request,
            "console/account/provider.html",
            rules=service.rules,
            linked=linked,
            has_password=has_password,
            **values,
        )
