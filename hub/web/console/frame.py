"""The frame of every page of the console: navigation by the person's roles, what was typed and what is wrong with it, paths between pages.

Decides that navigation shows what somebody may open and nothing else, and which place in it a page has. It must never decide what somebody
may do: that is the door's (hub.web.signed_in) and the services'.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import COUNTER_CLERK
from hub.web.console import acts
from hub.web.console.hub import ConsoleHub, ConsoleOffering
from hub.web.console.problems import NOTHING_WRONG, Problems
from hub.web.console.sections import OpenSection, may
from hub.web.forms import Form
from hub.web.pages import Pages
from hub.web.policy import HEADERS
from hub.web.signed_in import SignedIn

T = TypeVar("T")
NOTHING_TYPED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Console:
    """What the pages of all sections stand on.

    Attributes:
        sections: those that are open, in the order of the navigation.
    """

    pages: Pages
    signed_in: SignedIn
    hub: ConsoleHub
    offering: ConsoleOffering
    sections: list[OpenSection] = field(default_factory=list)

    def page(
        self, request: Request, template: str, status: int | None = None, *, typed: Mapping[str, str] = NOTHING_TYPED,
        problems: Problems = NOTHING_WRONG, headers: Mapping[str, str] = HEADERS, at: str = "", **values: Any,
    ) -> Response:  # fmt: skip
        """Answer with a page that extends `console/console.html`.

        `typed` is what a form shows again, by the names of its fields, never passwords or files; `problems` is what is wrong with it, and
        gives the status unless there is one. `at` is the path whose section it belongs to, if that is not its own.
        """
        staff: Staff = request.state.staff
        current = self._current(at or request.scope["path"])
        return self.pages.page(
            request, template, status or problems.status, headers=headers, problems=problems, typed=typed,
            once=typed.get(acts.KEY) or secrets.token_urlsafe(18),
            sections=[each.section for each in self.sections if may(staff, each.section.roles)],
            section=current.section if current else None, clerk=may(staff, (COUNTER_CLERK,)),
            menu=current.pages_for(staff) if current else (), path=request.scope["path"], **values,
        )  # fmt: skip

    async def act(
        self, staff: Staff, form: Form, name: str, work: Callable[[], T], path: str | Callable[[T], str]
    ) -> Response:
        """Do once what a form asks, in a thread, and lead to the page that proves it.

        `name` is the act's: words `NAME.done` say that it was done. `work` is one unit of work, or several that may each be done again;
        `path` is where its proof leads on, or makes that of what `work` returned. What `work` raises leaves the form as it was.
        """
        once = partial(acts.once, self.hub.staff.acts, staff, form.fields.get(acts.KEY, ""), name)
        proof = await run_sync(once, work, path)
        return self.pages.redirect(f"{acts.DONE}/{proof.id}")

    def leads(self, staff: Staff, path: str) -> bool:
        """Tell whether there is a page at a path that somebody may open: what lists of several sections link to."""
        return any(each.leads(staff, path) for each in self.sections)

    def _current(self, path: str) -> OpenSection | None:
        """Return the section that a path belongs to: the one whose own path is the longest beginning of it."""
        found = [each for each in self.sections if f"{path}/".startswith(f"{each.section.path}/")]
        return max(found, key=lambda each: len(each.section.path), default=None)
