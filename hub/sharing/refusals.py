"""How embargoes are refused: one class each, with a stable code.

HubError
├── InputError
│   └── EmbargoUnknownError     EMBARGO_UNKNOWN      no embargo, or no case, of this name
└── StateError
    ├── EmbargoLateError        EMBARGO_LATE         reads of the case may have been shown already: two people decide
    ├── EmbargoStateError       EMBARGO_STATE        it is not in the state that this takes
    └── EmbargoFourEyesError    EMBARGO_FOUR_EYES    the same person proposed it
"""

from hub.errors import InputError, StateError


class EmbargoUnknownError(InputError):
    """There is no such embargo of this authority, or no such case; `embargoes` lists them."""

    code = "EMBARGO_UNKNOWN"


class EmbargoLateError(StateError):
    """The case was opened without an embargo, or under a shorter one; two people of staff decide on it now."""

    code = "EMBARGO_LATE"


class EmbargoStateError(StateError):
    """The embargo is not in a state that allows this; look at its decisions."""

    code = "EMBARGO_STATE"


class EmbargoFourEyesError(StateError):
    """The same person proposed this embargo; another one confirms it."""

    code = "EMBARGO_FOUR_EYES"
