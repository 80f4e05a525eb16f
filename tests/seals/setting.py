"""A hub up to its seals, and what tests do with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import text

from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.seals.changes import Changes, MadeSeal
from hub.seals.office import SealOffice
from hub.seals.service import Sealer, Seals
from hub.vault.service import Vault
from keys import sd_jwt
from keys.store import KeyStore
from keys.verification import Report, StatusAnswer, verify_presentation
from tests.seals.made import make_seal, office_of, people

MARKET = "11990100MB0000001T"
NAME = "星河市市场监督管理局"
URL = "https://hub.example.gov.cn"
NOW = datetime(2026, 5, 4, 8, 30, 15, 700_000, tzinfo=UTC)
THREE = people(MARKET)


@dataclass(frozen=True, slots=True)
class Setting:
    """A hub up to its seals; `another` gives the seals of a second process."""

    seals: Seals
    clock: SetClock
    database: Database
    store: KeyStore
    vault: Vault
    audit: Audit
    catalogue: Catalogue
    another: Callable[[], Seals]

    @property
    def office(self) -> SealOffice:
        """Their office."""
        return office_of(self)

    @property
    def changes(self) -> Changes:
        """What staff do, who are believed to hold the roles they say."""
        return office_of(self).changes

    def make(self, purpose: str = "电子证照专用章", suite: str = "ES256", years: int = 5) -> MadeSeal:
        """Make a seal of the market authority, as three people do."""
        return make_seal(self, MARKET, purpose, suite, years=years)

    def seal(self, sealer: Sealer) -> str:
        """Seal a licence that names nobody."""
        clear = {"iss": sealer.issuer, "iat": int(self.clock.now().timestamp()), "vct": "urn:licence-hub:type:Test:1"}
        sealed = sd_jwt.seal(clear, {"number": "X-1"}, key=sealer.key, kid=sealer.kid, header={"seal": sealer.es_id})
        return sd_jwt.present(sealed.jwt, [each.encoded for each in sealed.disclosures])

    def verify(self, presentation: str, *, existed_at: datetime | None = None) -> Report:
        """Verify with the hub's own trust, the status being in order."""
        now = self.clock.now()
        return verify_presentation(
            presentation, self.seals.trust(), StatusAnswer("VALID", now), now, existed_at=existed_at
        )

    def failed(self, presentation: str) -> dict[str, str | None]:
        """Return the checks that did not pass, and why."""
        report = self.verify(presentation)
        return {each.name: each.sub_indication for each in report.checks if each.outcome != "PASSED"}

    def acts(self) -> list[str]:
        """Return what was recorded about seals."""
        with self.database.snapshot() as session:
            found = session.execute(text("SELECT body FROM audit_record WHERE kind = 'seal' ORDER BY sequence"))
            return [json.loads(body)["operation"] for body in found.scalars()]
