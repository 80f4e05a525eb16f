"""Printed codes, whole: what makes them, what reads them, and what finds them in pictures, put together once for one hub."""

from dataclasses import dataclass
from typing import Self

from hub.audit.service import Audit, Pending
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.counters.pictures import Pictures
from hub.counters.printed import Discloses, PrintedCodes
from hub.counters.public import PublicVerification
from hub.database import Database
from hub.licences.finding import Finder
from hub.seals.service import Seals
from hub.sharing.disclosure import Disclosed


@dataclass(frozen=True, slots=True)
class Codes:
    """The printed codes of a hub."""

    printed: PrintedCodes
    public: PublicVerification
    pictures: Pictures

    @classmethod
    def of(
        cls, database: Database, audit: Audit, seals: Seals, finder: Finder, catalogue: Catalogue, sharing: Discloses,
        clock: Clock, *, calendar: Calendar, public_url: str,
    ) -> Self:  # fmt: skip
        """Use the nouns below; `calendar` turns legal days into instants, `public_url` stands in every code."""
        return cls(
            PrintedCodes(sharing, seals, catalogue, clock, calendar=calendar, public_url=public_url),
            PublicVerification(
                database, audit, seals, finder, catalogue, clock, calendar=calendar, public_url=public_url
            ),
            Pictures(),
        )

    async def picture_of(self, disclosed: Disclosed, pending: Pending) -> str:
        """Return the printed code as SVG, for a rendition; raises as `PrintedCodes.code_of`."""
        return (await self.printed.code_of(disclosed, pending)).svg
