"""Who did what records tell of: clients by the names they were registered under, accounts of staff by those they sign in with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hub.web.console.hub import ConsoleHub

_FACTS: Final = ("client", "staff", "by")
_STAFF: Final = "staff "


@dataclass(frozen=True, slots=True)
class People:
    """Names them; never asked on the event loop."""

    hub: ConsoleHub

    def named(self, ids: Iterable[str]) -> Mapping[str, str]:
        """Return the names of those that are known, by their ids."""
        wanted = set(ids)
        if not wanted:
            return {}
        logins = self.hub.staff.members.logins(sorted(wanted))
        left = wanted - logins.keys()
        clients = (
            {each.client_id: each.name for each in self.hub.access.clients() if each.client_id in left} if left else {}
        )
        return {**clients, **logins}


def named_in(several: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the clients and accounts that records name."""
    values = (facts.get(name) for facts in several for name in _FACTS)
    return {value.removeprefix(_STAFF) for value in values if isinstance(value, str)}
