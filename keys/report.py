"""What a verification tells: one row a check, in the words of ETSI EN 319 102-1 (clause 5.1).

A report is TOTAL_PASSED only when every check passed. A check that could not be made is never a pass: neither one that
stands on another that did not pass, nor one that lacks what it needs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NamedTuple

from keys.errors import SubIndication, UncheckableError, VerificationError

Row = tuple[str, tuple[str, ...], Callable[[Any], str | None]]
"""A check: its name, the checks it stands on, how it is made of what is examined."""


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


class Check(NamedTuple):
    """One row; a tuple, for a verification makes a dozen of them."""

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


def examine(rows: Iterable[Row], examined: Any) -> tuple[Check, ...]:
    """Make the checks in order.

    A check tells what it found; None leaves it out, because there is nothing to check. When one does not pass, those that stand on it
    are reported as not made.
    """
    checks: list[Check] = []
    unpassed: set[str] = set()
    for name, needs, make in rows:
        unmet = [need for need in needs if need in unpassed] if unpassed else []
        check = _not_made(name, unmet) if unmet else _made(name, make, examined)
        if check is None:
            continue
        if check.outcome is not Outcome.PASSED:
            unpassed.add(name)
        checks.append(check)
    return tuple(checks)


def all_passed(checks: Iterable[Check], names: Iterable[str]) -> bool:
    """Whether every one of the named checks was made and passed."""
    return set(names) <= {check.name for check in checks if check.outcome is Outcome.PASSED}


def _made(name: str, make: Callable[[Any], str | None], examined: Any) -> Check | None:
    try:
        found = make(examined)
    except VerificationError as error:
        return Check(name, outcome_of(error.sub_indication), error.sub_indication, str(error))
    except UncheckableError as error:
        return Check(name, Outcome.INDETERMINATE, SubIndication.GENERIC, str(error))
    return None if found is None else Check(name, Outcome.PASSED, None, found)


def _not_made(name: str, unmet: Iterable[str]) -> Check:
    return Check(name, Outcome.INDETERMINATE, SubIndication.GENERIC, f"not made, because of {', '.join(unmet)}")
