"""Acts that bind, of the catalogue: one row each, from which the page that asks and the form that does are made.

Decides what each act shows before it is done and what it asks for; who may do it and whether it may be done is the desk's (hub.catalogue.desk). Whoever may
not do it is refused before he is asked anything. Publishing has pages of its own, for its document travels in the form.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from hub.access.staff.caller import Staff
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.catalogue.desk import Why
from hub.catalogue.service import Catalogue
from hub.errors import VersionConflictError
from hub.web import forms
from hub.web.console.frame import Console
from hub.web.console.problems import MENDABLE, NOTHING_WRONG, Problems, problem
from hub.web.console.sections import Act

ROLES: Final = (CATALOGUE_STEWARD,)
ANY: Final = "any"
"""Whose steward may do it is known only when the form is sent."""
Names: TypeAlias = Mapping[str, str]
"""What an address or a form says, by name."""


def why(typed: Names) -> Why:
    """Return why somebody acts, as he typed it."""
    return Why(typed.get("reason", ""), typed.get("basis", ""))


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an act shows: the id of its words, the value in both languages, and a code."""

    label: str
    zh: str
    en: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an act shows before it is done: facts, what its controls begin with, and what it is the state of."""

    facts: tuple[Fact, ...] = ()
    begins: Names = field(default_factory=dict)
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One control of an act: its name, its pattern (`text`, `authority`, `type`, `level`), and whether it may stay empty."""

    name: str
    pattern: str = "text"
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Binding:
    """One row: words are `catalogue.NAME.title` and so on.

    Attributes:
        whose: returns whose steward may do it, as things are: an authority's, the hub's (None), or ANY.
        shown: what it shows; raises where there is no such thing.
        done: does it.
        back: where it leads back to; and on, unless `on` says otherwise.
        at: the control at which a refusal is told, by its code.
        danger: whether it takes something away.
    """

    name: str
    path: str
    whose: Callable[[Catalogue, Names], str | None]
    shown: Callable[[Catalogue, Names], Shown]
    done: Callable[[Catalogue, Staff, Names, Names, Why], object]
    back: str
    asks: tuple[Asked, ...] = ()
    at: Names = field(default_factory=dict)
    danger: bool = False
    on: str = ""


def revision(thing: object) -> str:
    """Return by what a form says which state of a thing it was made of."""
    return hashlib.sha256(repr(thing).encode()).hexdigest()[:32]


def require_seen(typed: Names, thing: object) -> None:
    """Refuse what was decided upon another state; raises VersionConflictError."""
    if typed.get("revision") != revision(thing):
        raise VersionConflictError("Somebody else changed it meanwhile; look at it and decide anew.")


@dataclass(frozen=True, slots=True)
class BindingPages:
    """Asks and does."""

    console: Console
    rows: Sequence[Binding]

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        asking = [Act(row.path, "GET", partial(self.ask, row), ROLES) for row in self.rows]
        return [*asking, *(Act(row.path, "POST", partial(self.do, row), ROLES) for row in self.rows)]

    async def ask(self, row: Binding, request: Request, staff: Staff) -> Response:
        """Show what will change, and ask why."""
        shown = row.shown(self.console.hub.catalogue, request.path_params)
        return await self._ask(row, request, staff, shown, shown.begins, NOTHING_WRONG)

    async def _ask(
        self, row: Binding, request: Request, staff: Staff, shown: Shown, typed: Names, problems: Problems
    ) -> Response:
        catalogue = self.console.hub.catalogue
        whose = row.whose(catalogue, request.path_params)
        if whose != ANY:
            staff.require(CATALOGUE_STEWARD, whose)
        patterns = {each.pattern for each in row.asks}
        return self.console.page(
            request, "console/catalogue/act.html", typed=typed, problems=problems, spoken=row, shown=shown,
            address=row.path.format(**request.path_params), back=row.back.format(**request.path_params),
            authorities=catalogue.authorities() if "authority" in patterns else (),
            types=catalogue.types() if "type" in patterns else (),
        )  # fmt: skip

    async def do(self, row: Binding, request: Request, staff: Staff) -> Response:
        """Do it once, and prove it; what can be mended is told where it was typed."""
        form, catalogue = await forms.read(request), self.console.hub.catalogue
        names = request.path_params
        work = partial(row.done, catalogue, staff, names, form.fields, why(form.fields))
        on = (row.on or row.back).format(**names)
        try:
            return await self.console.act(staff, form, f"catalogue.{row.name}", work, on)
        except MENDABLE as error:
            told = problem(error, self.console.pages.status_of, row.at)
            shown = await run_sync(row.shown, catalogue, names)
            return await self._ask(row, request, staff, shown, form.fields, told)
