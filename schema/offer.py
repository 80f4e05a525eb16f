"""What of the catalogue GraphQL can offer: the versions of licence types that fit beside the fixed schema and each other.

Decides, change by change as they were published, that a version which does not fit is left out alone: a name stays with the type
that had it first. It follows from the catalogue only, so every process offers the same, after a restart too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Act, Generation, TypeChange
from hub.errors import LicenceTypeError
from schema.faces import check, names_of

Types = Mapping[str, tuple[LicenceType, ...]]


@dataclass(frozen=True, slots=True)
class Offer:
    """Licence types with the versions that fit, newest last; the keys of retired ones; and why versions are left out."""

    types: Types = field(default_factory=lambda: MappingProxyType({}), hash=False)
    retired: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = field(default=(), compare=False)
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), compare=False, repr=False)

    def after(self, change: TypeChange, version: LicenceType, fixed: frozenset[str], shared: frozenset[str]) -> "Offer":
        """Return the offer after one more change, with the version it is about; the names as in `offers`."""
        if change.act is Act.RETIRED:
            return replace(self, retired=self.retired | {change.key})
        versions = (*self.types.get(change.key, ()), version)
        try:
            check(versions, fixed | {name for name, key in self.names.items() if key != change.key}, shared)
        except LicenceTypeError as error:
            return replace(self, left_out=(*self.left_out, f"version {version.version} of {error.message}"))
        return Offer(
            MappingProxyType({**self.types, change.key: versions}),
            self.retired - {change.key},
            self.left_out,
            MappingProxyType({**self.names, **dict.fromkeys(names_of(versions), change.key)}),
        )


def offers(catalogue: Generation, fixed: frozenset[str], shared: frozenset[str]) -> Iterator[tuple[TypeChange, Offer]]:
    """Yield every change of the catalogue's types, oldest first, and what is offered after it.

    `fixed` are the names of the fixed schema's types, `shared` those of the fields that every licence has.
    """
    versions = {(one.key, one.version): one for each in catalogue.types.values() for one in each}
    offer = Offer()
    for change in catalogue.history:
        offer = offer.after(change, versions[change.key, change.version], fixed, shared)
        yield change, offer
