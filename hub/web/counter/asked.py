"""What a clerk sends: one code, as text or in a picture, and the case he works on.

Decides how it is read, from a script's JSON or from a form; what is not of that shape is refused, and what it says is not looked at here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.requests import Request

from hub.errors import InputInvalidError
from hub.sharing.presenting import CounterPurpose
from hub.sharing.purpose import Person
from hub.web import forms

_MEMBERS: Final = ("code", "item", "caseNumber", "codeType", "applicant")


@dataclass(frozen=True, slots=True)
class Asked:
    """One scan; without `item` it is in no case, without `code` and `picture` nothing was sent."""

    code: str = field(default="", repr=False)
    picture: bytes | None = field(default=None, repr=False)
    item: str = ""
    case_number: str = ""
    applicant: Person | None = field(default=None, repr=False)

    @property
    def purpose(self) -> CounterPurpose | None:
        """Return the case, if he works on one."""
        return CounterPurpose(self.item, self.case_number, None, self.applicant) if self.item else None


async def read(request: Request) -> Asked:
    """Return what was sent.

    Raises:
        InputInvalidError: it is neither JSON nor a form, or has members of another kind.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        return _asked(_members(await request.body()), None)
    form = await forms.read(request)
    return _asked(form.fields, form.files.get("picture"))


def _asked(given: Mapping[str, str], picture: bytes | None) -> Asked:
    code, item, number, code_type, applicant = (given.get(name, "").strip() for name in _MEMBERS)
    return Asked(code, picture, item, number, Person(code_type, applicant) if applicant else None)


def _members(body: bytes) -> Mapping[str, str]:
    try:
        given: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputInvalidError("The body is not JSON in UTF-8.") from error
    if (
        not isinstance(given, dict)
        or not set(given) <= set(_MEMBERS)
        or not all(isinstance(one, str) for one in given.values())
    ):
        raise InputInvalidError(
            "Send one JSON object of code and, in a case, item, caseNumber, codeType and applicant, all texts."
        )
    return given
