"""Which share of an item's materials need not be handed in, for somebody who has every licence that may stand in their place.

Decides how materials are counted: every one once, conditional ones too; results of the same case apart, for nobody ever handed them in. It must never count
a commitment or a deferral as exempt. What the department looks up itself is told apart from what a sealed licence proves.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from hub.catalogue.items.item_document import ItemDocument, Material
from hub.catalogue.items.natures import Nature


class Stands(StrEnum):
    """What stands in place of a material, the best first."""

    LICENCE = "LICENCE"
    DEPARTMENT_CHECK = "DEPARTMENT_CHECK"
    PROMISE = "PROMISE"
    PAPER = "PAPER"


ISSUED: Final = frozenset({Nature.IDENTITY, Nature.CERTIFICATE, Nature.PERMIT, Nature.PROOF, Nature.TAX})
"""Natures that an authority issues; the others the applicant makes himself."""


def stands_for(material: Material) -> Stands:
    """Return what stands in place of a material at best."""
    if material.satisfied_by:
        return Stands.LICENCE
    if material.department_check:
        return Stands.DEPARTMENT_CHECK
    return Stands.PROMISE if material.commitment or material.deferral else Stands.PAPER


@dataclass(frozen=True, slots=True)
class Share:
    """How many materials there are, and in how many what stands in their place; `issued` are those that authorities issue, and how many of them are exempt."""

    materials: int
    by_licence: int
    by_check: int
    by_promise: int
    on_paper: int
    results: int
    issued: int
    issued_by_licence: int
    issued_by_check: int

    @property
    def exempt(self) -> float:
        """Return the share that nobody hands in: by licence, or because the department looks it up."""
        return (self.by_licence + self.by_check) / self.materials if self.materials else 0.0

    @property
    def proved(self) -> float:
        """Return the share that a sealed licence proves."""
        return self.by_licence / self.materials if self.materials else 0.0

    @property
    def issued_exempt(self) -> float:
        """Return the share of what authorities issue that nobody hands in."""
        return (self.issued_by_licence + self.issued_by_check) / self.issued if self.issued else 0.0

    @classmethod
    def of(cls, documents: Iterable[ItemDocument]) -> Self:
        """Count the materials of some items."""
        every = [one for document in documents for one in document.materials]
        counted = [one for one in every if not one.result_of]
        found, issued = (
            Counter(stands_for(one) for one in some)
            for some in (counted, (one for one in counted if one.nature in ISSUED))
        )
        return cls(
            materials=len(counted), by_licence=found[Stands.LICENCE], by_check=found[Stands.DEPARTMENT_CHECK],
            by_promise=found[Stands.PROMISE], on_paper=found[Stands.PAPER], results=len(every) - len(counted),
            issued=issued.total(), issued_by_licence=issued[Stands.LICENCE], issued_by_check=issued[Stands.DEPARTMENT_CHECK],
        )  # fmt: skip
