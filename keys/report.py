"""What a verification tells: one row a check, in the words of ETSI EN 319 102-1 (clause 5.1).

A report is TOTAL_PASSED only when every check passed. A check that could not be made is never a pass.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from keys.errors import SubIndication


class Outcome(StrEnum):
    """What one check found."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"


class Result(StrEnum):
    """What all checks together say."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


@dataclass(frozen=True, slots=True)
class Check:
    """One row."""

    name: str
    outcome: Outcome
    sub_indication: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """All rows in order; claims only when it is proven who sealed them."""

    result: Result
    checks: tuple[Check, ...]
    claims: dict[str, Any] | None = field(repr=False)


_INDETERMINATE: Final = frozenset(
    {
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
        SubIndication.NO_POE,
        SubIndication.TRY_LATER,
        SubIndication.GENERIC,
    }
)
"""As the standard has it, save one: SIG_CONSTRAINTS_FAILURE fails here. A key that speaks for another authority, or a
token of another type, is an attack and must not read as "perhaps"."""


def outcome_of(sub_indication: SubIndication | None) -> Outcome:
    """The outcome a sub-indication belongs to; none is a pass."""
    if sub_indication is None:
        return Outcome.PASSED
    return Outcome.INDETERMINATE if sub_indication in _INDETERMINATE else Outcome.FAILED


def result_of(checks: tuple[Check, ...]) -> Result:
    """One failure fails all; one doubt leaves all in doubt."""
    found = {check.outcome for check in checks}
    if Outcome.FAILED in found:
        return Result.TOTAL_FAILED
    return Result.TOTAL_PASSED if found == {Outcome.PASSED} else Result.INDETERMINATE
