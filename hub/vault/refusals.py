"""How the vault says no: one class, with a stable code.

HubError
└── StateError
    └── StillNeededError            STILL_NEEDED             an old key edition still answers for something
"""

from hub.errors import StateError


class StillNeededError(StateError):
    """The old edition of the key still answers for something that has not expired; run the rotation again later."""

    code = "STILL_NEEDED"
