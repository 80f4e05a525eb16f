"""How registers say no: one class each, with a stable code.

HubError
├── InputError
│   └── FaceDataError
│       └── EntryInvalidError       REGISTER_ENTRY_INVALID   what a source says breaks the register's rules
├── SharingError
│   └── MatchBudgetError            MATCH_BUDGET_SPENT       the client has had compared as many pairs as it may this day
└── StateError
    └── RegisterImportedError       REGISTER_IMPORTED        the same file was fed into the register before
"""

from collections.abc import Sequence

from hub.errors import FaceDataError, SharingError, StateError, Violation


class EntryInvalidError(FaceDataError):
    """What is said of the person or organisation breaks the register's rules; see the violations."""

    code = "REGISTER_ENTRY_INVALID"

    def __init__(self, violations: Sequence[Violation] = ()) -> None:
        super().__init__(violations)


class RegisterImportedError(StateError):
    """This file was fed into this register before, as of the same time."""

    code = "REGISTER_IMPORTED"


class MatchBudgetError(SharingError):
    """As many codes and names as a client may have compared on one day were compared; wait for the next day, as Retry-After says."""

    code = "MATCH_BUDGET_SPENT"

    def __init__(self, most: int = 0, wait: int = 1) -> None:
        """`most` is the budget, `wait` how many seconds are left of the day."""
        self.wait = wait
        super().__init__(f"At most {most:,} pairs a day are compared for a client; {wait:,} s are left of this one.")
