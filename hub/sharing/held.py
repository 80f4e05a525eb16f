"""What persons of a case hold, looked up once a request for whoever asks: its materials and its form ask for the same.

Decides nothing about rights and opens nothing: whoever asks has checked the grants, and what he is given is ciphertext. It must never remember
anything beyond the request.
"""

from collections.abc import Iterable, Sequence

from hub.audit.service import Pending
from hub.licences.finding import Finder, HolderPlace, StoredLicence


class Holdings:
    """Looks up what is held. One per process; what is found is kept with the request's promises."""

    def __init__(self, finder: Finder) -> None:
        """Look up by the finder."""
        self._finder = finder

    def begin(self, places: Iterable[HolderPlace], pending: Pending) -> None:
        """Begin to look up every edition of each type that the person holds, all by one query, unless it was begun."""
        lacking = [place for place in places if _key(place) not in pending.once]
        if lacking:
            begun = pending.begun(_key(lacking[0]), lambda: self._finder.by_holders(lacking))
            pending.once.update(dict.fromkeys(map(_key, lacking), begun))

    async def of(self, place: HolderPlace, pending: Pending) -> Sequence[StoredLicence]:
        """Return what was found at a place where it was begun; raises UnavailableError."""
        found: Sequence[StoredLicence] = (await pending.once[_key(place)])[place]
        return found


def _key(place: HolderPlace) -> tuple[str, str, str]:
    return ("held", *place)
