"""How the offline pack says no.

HubError
└── InputError
    └── OfflinePartUnknownError  OFFLINE_PART_UNKNOWN  not of the present pack
"""

from hub.errors import InputError


class OfflinePartUnknownError(InputError):
    """The offline pack has no such part now. Fetch /offline-pack again, and parts by the addresses in it; changes that are not told: the whole list."""

    code = "OFFLINE_PART_UNKNOWN"
