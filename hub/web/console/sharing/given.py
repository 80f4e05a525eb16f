"""What people of sharing typed into forms: days, ticked fields and roles, as services take them.

Decides only spelling: an empty field is told at its field, a day that is none is told there, too. Boxes are fields of their own: `read.PATH`, `check.PATH`, `role.NAME`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from hub.errors import HubError
from hub.web.console.problems import MENDABLE, Problem, Problems, problem
from hub.web.pages import Pages

READ, CHECK, ROLE = "read.", "check.", "role."
TICKED: Final = "yes"
WRONG: Final = 400


class NotSaidError(Exception):
    """A field was left empty, or is none of its kind."""

    def __init__(self, name: str, words: str) -> None:
        """Name the field and the words."""
        super().__init__(name)
        self.problems = Problems((Problem(name, words),), WRONG)


MENDED: Final = (NotSaidError, *MENDABLE)
"""What somebody can mend on the form itself."""
NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


def problems_of(
    error: NotSaidError | HubError, pages: Pages, fields: Mapping[str, str] = NO_FIELDS, otherwise: str = ""
) -> Problems:
    """Return what is wrong as the form shows it: at its own field, at the one that `fields` names for its code, or at `otherwise`."""
    return error.problems if isinstance(error, NotSaidError) else problem(error, pages.status_of, fields, otherwise)


@dataclass(frozen=True, slots=True)
class Given:
    """A form's texts, by the names of their fields."""

    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """Return a text that may be empty."""
        return self.fields.get(name, "").strip()

    def said(self, name: str) -> str:
        """Return a text; raises NotSaidError when there is none."""
        found = self.text(name)
        if not found:
            raise NotSaidError(name, "problem.EMPTY")
        return found

    def day(self, name: str) -> date:
        """Return a day; raises NotSaidError when it is empty or none."""
        try:
            return date.fromisoformat(self.said(name))
        except ValueError:
            raise NotSaidError(name, "problem.NO_DAY") from None

    def count(self, name: str) -> int:
        """Return a number; raises NotSaidError when it is empty or none."""
        said = self.said(name)
        if not (said.isascii() and said.isdecimal() and len(said) < 10):  # noqa: PLR2004 - more is none that anybody means
            raise NotSaidError(name, "problem.NO_NUMBER")
        return int(said)

    def ticked(self, name: str) -> bool:
        """Tell whether a box is ticked."""
        return self.fields.get(name) == TICKED

    def under(self, prefix: str) -> tuple[str, ...]:
        """Return the names behind a prefix of boxes that are ticked."""
        return tuple(name.removeprefix(prefix) for name in self.fields if name.startswith(prefix) and self.ticked(name))

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the fields to read."""
        return self.under(READ)

    @property
    def checks(self) -> tuple[str, ...]:
        """Return the fields to judge only: not those that are read anyway."""
        return tuple(each for each in self.under(CHECK) if each not in self.paths)

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles of parties: ticked ones, and others that were typed, between commas or blanks."""
        typed = self.text("roles").replace("，", ",").replace("、", ",").replace(" ", ",").split(",")
        return tuple(dict.fromkeys((*self.under(ROLE), *(each for each in typed if each))))
