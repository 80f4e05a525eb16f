"""How the seal office says no: one class each, with a stable code.

HubError
├── InputError
│   └── SealApplicationUnknownError SEAL_APPLICATION_UNKNOWN
└── StateError
    ├── SealFourEyesError           SEAL_FOUR_EYES           the same person took an earlier step
    ├── SealExistsError             SEAL_EXISTS              one of a kind and name for an owner
    └── SealCustodyError            SEAL_CUSTODY             the owner keeps the key himself
"""

from hub.errors import InputError, StateError


class SealApplicationUnknownError(InputError):
    """No application for a seal has this id; `licence-hub seal applications` lists them."""

    code = "SEAL_APPLICATION_UNKNOWN"


class SealFourEyesError(StateError):
    """Whoever applied, approved or reported it may not take this step too; another person must."""

    code = "SEAL_FOUR_EYES"


class SealExistsError(StateError):
    """The owner has a seal of this kind and name, or somebody has applied for it; revoke or remake it, or number the text (2)."""

    code = "SEAL_EXISTS"


class SealCustodyError(StateError):
    """The owner keeps this seal's key himself; it signs nothing here: prepare, sign elsewhere, complete."""

    code = "SEAL_CUSTODY"
