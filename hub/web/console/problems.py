"""What is wrong with a form, field by field, as its page shows it.

Decides which refusals a person can mend on the form itself (MENDABLE), and that they are told by their code: words `problem.CODE`, else
`problem.other` with the refusal's own message. A message of the hub never repeats what was sent.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from hub import answering
from hub.errors import HubError, InputError, StateError

MENDABLE: Final = (InputError, StateError)
"""What a handler catches around the work of a form; whatever else is raised becomes the page of failures by itself."""
NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend.

    Attributes:
        field: the name of its field on the form; none: it is the form's as a whole.
        words: the id of what is said; `values` are put into it.
        detail: what is said, where there are no such words.
    """

    field: str
    words: str
    detail: str = ""
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problems:
    """All that is wrong with a form, and the HTTP status of its page."""

    found: tuple[Problem, ...] = ()
    status: int = 200

    def __bool__(self) -> bool:
        """Tell whether anything is wrong."""
        return bool(self.found)

    def __iter__(self) -> Iterator[Problem]:
        """Yield each, in the order in which they are shown."""
        return iter(self.found)

    def of(self, name: str) -> Problem | None:
        """Return the first that belongs to a field."""
        return next((each for each in self.found if each.field == name), None)


NOTHING_WRONG: Final = Problems()


def problem(
    error: HubError, status_of: Callable[[HubError], int], fields: Mapping[str, str] = NO_FIELDS, otherwise: str = ""
) -> Problems:
    """Return a refusal as a form shows it: at the field that `fields` names for its code, or at the field `otherwise`.

    Words may take its own message as `{message}`, where that says what to mend.
    """
    answering.note(error.code)
    told = Problem(
        fields.get(error.code, otherwise), f"problem.{error.code}", error.message, {"message": error.message}
    )
    return Problems((told,), status_of(error))


def missing(*names: str) -> Problems:
    """Return that these fields were left empty."""
    return Problems(tuple(Problem(name, "problem.EMPTY") for name in names), 400)
