"""What a counter sees of a licence that left for its case: the verdict on it now, and its granted fields in words.

Decides nothing about what may leave: it is given what the funnel disclosed. The presentation is verified as anybody would who is handed it, against
this hub's seals, with the status as the hub knows it now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hub.catalogue.licence_type import LicenceType, Term
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.counters.verdict import Names, ShownField, ShownLicence, Verdict, may_show, word_of
from hub.licences.verification import Verification
from hub.seals.service import Seals
from hub.sharing.disclosure import Disclosed


class Seeing:
    """Turns disclosures into verdicts."""

    def __init__(self, verification: Verification, catalogue: Catalogue, seals: Seals, clock: Clock) -> None:
        """Verify by `verification`, name things by the catalogue and the register of seals."""
        self._verification = verification
        self._catalogue = catalogue
        self._seals = seals
        self._clock = clock

    async def verdict(self, disclosed: Disclosed) -> Verdict:
        """Return the verdict on a licence that was disclosed, with its fields."""
        report = await self._verification.verify(disclosed.presentation)
        word, reason = word_of(report, disclosed.status, online=True)
        found = Verdict(word, reason, report.checks, as_of=self._clock.now())
        return (
            replace(found, licence=self._licence(disclosed), fields=self.fields(disclosed))
            if may_show(report)
            else found
        )

    def fields(self, disclosed: Disclosed) -> tuple[ShownField, ...]:
        """Return the disclosed fields in the order of the licence, each value as the face has it."""
        stored = disclosed.stored
        licence_type = self._catalogue.type_at(stored.type_key, stored.type_version)
        return tuple(
            ShownField(path, _label(licence_type, path), _value(disclosed.values, path)) for path in disclosed.disclosed
        )

    def _licence(self, disclosed: Disclosed) -> ShownLicence:
        stored = disclosed.stored
        authority = self._catalogue.authority(stored.authority)
        seal = self._seals.register.seal(stored.es_id)
        return ShownLicence(
            identifier=stored.identifier, type=stored.type_key,
            type_names=_names(self._catalogue.type_at(stored.type_key, stored.type_version).name),
            issuer=stored.authority, issuer_names=Names(authority.name_zh, authority.name_en), holder=None,
            valid_from=stored.valid_from, valid_until=stored.valid_until, seal=stored.es_id,
            seal_names=Names(seal.name, seal.name),
        )  # fmt: skip


def _names(term: Term) -> Names:
    return Names(term.zh, term.en)


def _label(licence_type: LicenceType, path: str) -> Names:
    return Names(licence_type.title(path, "zh"), licence_type.title(path, "en"))


def _value(values: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a path: of lists on the way, what stands in each of their elements."""
    found = list(_at(values, path.split(".")))
    return found[0] if len(found) == 1 else found


def _at(value: Any, steps: list[str]) -> Iterator[Any]:
    if isinstance(value, list) and steps:
        for each in value:
            yield from _at(each, steps)
    elif not steps:
        yield value
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])
