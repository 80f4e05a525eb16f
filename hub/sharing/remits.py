"""What an authority may read for a service item today, as far as policy and catalogue say it, whoever the applicant is.

Decided once for an item and a day and kept for as long as policy, catalogue and day are the same; it goes with them. It must never let through what
no grant names, nor what its type does not share at all.
"""

from collections.abc import Callable, Mapping
from datetime import date
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

from hub.catalogue.generation import EMPTY, Generation
from hub.catalogue.licence_type import SharingClass
from hub.catalogue.registers import REGISTERS
from hub.catalogue.service import Catalogue
from hub.sharing.policy import Grant, Grants, InForce, Policy

_MOST_KNOWN: Final = 4096


class Remit(NamedTuple):
    """The grants in force by key of licence type or register, of those that are shared.

    `disclosing` are those of them under which anything may be disclosed, and not judged only; `asking` are types that are read with consent only;
    `every` are all grants.
    """

    grants: Mapping[str, Grants]
    disclosing: Mapping[str, Grants]
    asking: frozenset[str]
    every: tuple[Grant, ...]


NOTHING: Final = Remit(MappingProxyType({}), MappingProxyType({}), frozenset(), ())


class Remits:
    """Tells remits, as of the policy and the catalogue of the moment."""

    def __init__(self, in_force: InForce, catalogue: Catalogue, today: Callable[[], date]) -> None:
        """`today` gives the legal day."""
        self._in_force = in_force
        self._catalogue = catalogue
        self._today = today
        self._known = _Known(in_force.policy, EMPTY, date.min, {})

    def of(self, authority: str, item: str) -> Remit:
        """Return what an authority may read for an item now."""
        known, today = self._known, self._today()
        if (
            known.policy is not self._in_force.policy
            or known.generation is not self._catalogue.current
            or known.day != today
        ):
            known = self._known = _Known(self._in_force.policy, self._catalogue.current, today, {})
        found = known.remits.get((authority, item))
        return known.work_out(authority, item) if found is None else found


class _Known(NamedTuple):
    """Remits with what they follow from: whoever works one out while another thread sees a newer policy puts it here, beside the older one."""

    policy: Policy
    generation: Generation
    day: date
    remits: dict[tuple[str, str], Remit]

    def work_out(self, authority: str, item: str) -> Remit:
        in_force = self.policy.in_force(authority, item, self.day)
        if not in_force:  # of what has no grants nothing is kept, so that nobody fills the memory by asking
            return NOTHING
        grants = {key: grants for key, grants in in_force.items() if _is_shared(self.generation, key)}
        found = Remit(
            MappingProxyType(grants),
            MappingProxyType({key: some for key, some in grants.items() if any(grant.paths for grant in some)}),
            frozenset(key for key in grants if asks_consent(self.generation, key)),
            tuple(chain.from_iterable(grants.values())),
        )
        if len(self.remits) >= _MOST_KNOWN:
            self.remits.clear()
        self.remits[authority, item] = found
        return found


def asks_consent(generation: Generation, type_key: str) -> bool:
    """Tell whether licences of a type are read with their holder's consent only."""
    versions = generation.types.get(type_key)
    return versions is not None and versions[-1].holder_consent


def _is_shared(generation: Generation, key: str) -> bool:
    versions = generation.types.get(key)
    source = REGISTERS.get(key) or (versions[-1] if versions else None)  # retired types, too
    return source is not None and source.sharing_class is not SharingClass.NOT_SHARED
