"""Sections of the console and what can be done in each: frozen rows, from which routes, navigation and the matrix of rights are made.

Decides that every path and method names whose it is: the roles of its `Act`, held for any authority; ANYBODY says in so many words that all
staff may. What may be done for the very authority is decided by the services.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from starlette.routing import compile_path

from hub.access.staff.caller import Staff
from hub.access.staff.roles import Role
from hub.web.signed_in import StaffHandler

if TYPE_CHECKING:
    from hub.web.console.frame import Console

ANYBODY: Final[tuple[Role, ...]] = ()
"""The roles of what is for all staff, whatever roles they hold."""


@dataclass(frozen=True, slots=True)
class Act:
    """One path and method of a section.

    Attributes:
        path: the template of its route, such as `/console/licences/{identifier}`.
        roles: one of them is asked for at the door; ANYBODY: none is.
        menu: the id of the words under which a page stands in its section's menu; none: it does not.
        streams: its handler takes the body piece by piece, past the guard (hub.endpoints.guard.STREAMED), and checks the form's token by itself.
    """

    path: str
    method: str
    handler: StaffHandler
    roles: tuple[Role, ...]
    menu: str = ""
    streams: bool = False

    def answers(self, path: str) -> bool:
        """Tell whether a path is one of its template's."""
        begins = path.startswith(self.path.partition("{")[0])  # most are not, and this is quick
        return begins and compile_path(self.path)[0].fullmatch(path) is not None


class SectionPages(Protocol):
    """The pages of a section."""

    def acts(self) -> Sequence[Act]:
        """Return the table of what can be done, and by whom."""
        ...


@dataclass(frozen=True, slots=True)
class Section:
    """One row.

    Attributes:
        name: of its folder, and what ids of its words begin with; `NAME.section` is what navigation calls it.
        path: its first page; all its paths begin so.
        roles: who sees it in the navigation; ANYBODY: all staff do.
        opened: makes its pages.
    """

    name: str
    path: str
    roles: tuple[Role, ...]
    opened: "Callable[[Console], SectionPages]"


@dataclass(frozen=True, slots=True)
class OpenSection:
    """A section and its table."""

    section: Section
    acts: tuple[Act, ...]

    def leads(self, staff: Staff, path: str) -> bool:
        """Tell whether a path is that of one of its pages, and somebody may open it."""
        plain = path.partition("?")[0]
        return any(act.method == "GET" and act.answers(plain) and may(staff, act.roles) for act in self.acts)

    def pages_for(self, staff: Staff) -> list[Act]:
        """Return the pages of its menu that somebody may open."""
        return [act for act in self.acts if act.menu and may(staff, act.roles)]


def may(staff: Staff, roles: Iterable[Role]) -> bool:
    """Tell whether somebody holds one of the roles for any authority; of ANYBODY everybody does."""
    wanted = {role.name for role in roles}
    return not wanted or any(wanted & held for held in staff.roles.values())
