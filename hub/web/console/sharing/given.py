"""What people of sharing typed into forms: days, ticked fields and roles, as services take them.

Decides only spelling: an empty field is told at its field, a day that is none is told there, too. Boxes are fields of their own: `read.PATH`, `check.PATH`, `role.NAME`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from hub.web.console.problems import Problem, Problems

READ, CHECK, ROLE = "read.", "check.", "role."
TICKED: Final = "yes"
WRONG: Final = 400


class NotSaidError(Exception):
    """A field was left empty, or is none of its kind."""

    def __init__(self, name: str, words: str) -> None:
        """Name the field and the words."""
        super().__init__(name)
        self.problems = Problems((Problem(name, words),), WRONG)


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
