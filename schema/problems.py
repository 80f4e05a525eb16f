"""Refusals that a caller can act on, as data: code, message and, for face data, each broken rule in both languages.

Decides which errors of the hub a caller may see. Everything else is masked where answers are written. The messages of
`hub.errors` never hold a value that was sent, so they can be shown.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Self, TypeVar, cast

import strawberry

from hub import answering
from hub.catalogue.licence_type import Term
from hub.errors import AccessError, FaceDataError, HubError, InputError, SharingError, StateError
from hub.errors import Violation as BrokenRule

T = TypeVar("T")
EXPECTED = (InputError, AccessError, SharingError, StateError)


@strawberry.type(description="双语文本 · One text in both languages.")
class BilingualText:
    """The same text in Chinese and English."""

    zh: str = strawberry.field(description="中文 · The Chinese text.")
    en: str = strawberry.field(description="英文 · The English text.")

    @classmethod
    def of(cls, term: Term) -> Self:
        """Show a term, which is read as it is."""
        return cast("Self", term)


@strawberry.type(description="One broken rule of face data; the value itself is never repeated.")
class Violation:
    """Where face data breaks its licence type, and why."""

    pointer: str = strawberry.field(description="JSON Pointer (RFC 6901) into the data that was sent.")
    field: BilingualText = strawberry.field(description="What the licence face calls the field.")
    reason: BilingualText = strawberry.field(description="Why the value is not accepted and what is.")

    @classmethod
    def of(cls, rule: BrokenRule) -> Self:
        """Say a broken rule."""
        return cls(
            pointer=rule.pointer,
            field=BilingualText(zh=rule.field_zh, en=rule.field_en),
            reason=BilingualText(zh=rule.reason_zh, en=rule.reason_en),
        )


@strawberry.type(description="Why the hub refused, and what to do next. The code is stable; the message is for people.")
class Problem:
    """An expected refusal."""

    code: str = strawberry.field(description="Stable code, such as NOT_GRANTED or FACE_DATA_INVALID.")
    message: str = strawberry.field(description="What is wrong and what to do next; never a value that was sent.")
    violations: list[Violation] = strawberry.field(description="Broken rules of data; empty for other codes.")
    retry_after: int | None = strawberry.field(
        default=None, description="Seconds after which the same may be asked again; null where waiting does not help."
    )

    @classmethod
    def of(cls, error: HubError) -> Self:
        """Say an expected error."""
        answering.note(error.code)
        broken = error.violations if isinstance(error, FaceDataError) else ()
        return cls(
            code=error.code, message=error.message, violations=[Violation.of(rule) for rule in broken],
            retry_after=getattr(error, "wait", None),
        )  # fmt: skip


def stopped_by(code: str | None, message: str | None = None) -> Problem | None:
    """Say why a job stopped; None while nothing is wrong."""
    if code is None:
        return None
    return Problem(code=code, message=message or "It stopped; ask for it again, and it goes on.", violations=[])


async def each_answered(work: Sequence[Awaitable[T]]) -> list[T | Problem]:
    """Do a batch at once; an expected refusal takes only its own place, any other error fails the whole."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    return [_answered(outcome) for outcome in outcomes]


def _answered(outcome: T | BaseException) -> T | Problem:
    if isinstance(outcome, EXPECTED):
        return Problem.of(outcome)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
