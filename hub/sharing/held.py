"""What persons of a case hold, looked up once a request for whoever asks: its materials and its form ask for the same.

Decides nothing about rights and opens nothing: whoever asks has checked the grants, and what he is given is ciphertext. It must never remember
anything beyond the request.
"""

from asyncio import Future
from collections.abc import Collection, Mapping, Sequence

from hub.audit.service import Pending
from hub.licences.finding import Finder, HolderPlace, StoredLicence

Held = Mapping[HolderPlace, Sequence[StoredLicence]]
"""What a look-up finds, at each of its places."""


class Holdings:
    """Looks up what is held. One per process; what is found is kept with the request's promises."""

    def __init__(self, finder: Finder) -> None:
        """Look up by the finder."""
        self._finder = finder

    def begun(self, places: Collection[HolderPlace], pending: Pending) -> Mapping[HolderPlace, Future[Held]]:
        """Return, of each place, the look-up in which every edition is found, which may raise UnavailableError; what lacks is begun, by one query."""
        once, lacking = pending.once, [place for place in places if ("held", *place) not in pending.once]
        if lacking:
            begun = pending.begun(("held", *lacking[0]), lambda: self._finder.by_holders(lacking))
            once.update([(("held", *place), begun) for place in lacking])
        return {place: once["held", *place] for place in places}
