"""The seal office: what staff do about seals, and what they may look at to decide it.

`changes` takes the steps; here are the applications and their histories. A picture is shown to those who have a part in its authority's
seals, and to nobody else.
"""

from dataclasses import dataclass

from sqlmodel import col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_APPLICANT
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Clock
from hub.database import Database
from hub.seals import model
from hub.seals.applications import Upload, Wish
from hub.seals.changes import Changes, MadeSeal
from hub.seals.drafting import Draft, examine
from hub.seals.impressions import Impression, Impressions
from hub.seals.kinds import Custody, Kind
from hub.seals.life import REPORT, STEPS, SealStatus
from hub.seals.refusals import SealApplicationUnknownError
from hub.seals.register import Signer
from hub.seals.service import Seals
from hub.seals.stepping import Current, Stepping, Taken
from hub.seals.uses import Uses
from hub.vault.service import Vault
from keys.references import KeyPlaces

__all__ = ["Application", "MadeSeal", "SealOffice", "Taken", "Upload", "Wish"]


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it stands; `requested` is whether a key waits for an outside authority's certificate."""

    id: str
    authority: str
    owner: str
    owner_name: str
    kind: Kind
    purpose: str | None
    name: str
    suite: str
    years: int
    custody: Custody
    reason: str
    status: SealStatus
    remakes: str | None
    es_id: str | None
    applied_at: int
    requested: bool = False
    has_picture: bool = True

    @classmethod
    def of(cls, row: model.SealApplication) -> "Application":
        """Return a stored one."""
        return cls(
            row.id, row.authority, row.owner, row.owner_name, Kind(row.kind), row.purpose, row.name, row.suite,
            row.years, Custody(row.custody), row.reason, SealStatus(row.status), row.remakes, row.es_id, row.applied_at,
            row.requested_key is not None, row.picture_id is not None,
        )  # fmt: skip


class SealOffice:
    """Handles applications; its `changes` are the steps."""

    def __init__(
        self, database: Database, audit: Audit, store: KeyPlaces, vault: Vault, clock: Clock, catalogue: Catalogue,
        seals: Seals, *, current: Current,
    ) -> None:  # fmt: skip
        """`current` tells which roles staff hold now; `seals` shows what was changed."""
        self._database = database
        self._catalogue = catalogue
        self._seals = seals
        self._impressions = Impressions(vault)
        self.uses = Uses(database, audit)
        self._stepping = Stepping(audit, clock, current)
        self.changes = Changes(database, audit, store, vault, clock, catalogue, seals, current)

    def applications(self, authority: str, status: SealStatus | None = None) -> tuple[Application, ...]:
        """Return an authority's applications, oldest first."""
        rows = select(model.SealApplication).where(model.SealApplication.authority == authority)
        if status is not None:
            rows = rows.where(model.SealApplication.status == status.value)
        with self._database.snapshot() as session:
            found = session.exec(rows.order_by(col(model.SealApplication.applied_at), col(model.SealApplication.id)))
            return tuple(Application.of(row) for row in found)

    def application(self, application_id: str) -> Application:
        """Return an application; raises SealApplicationUnknownError."""
        with self._database.snapshot() as session:
            return Application.of(self._stepping.application(session, application_id))

    def history(self, which: str) -> tuple[Taken, ...]:
        """Return the steps of an application and its seal, in their order, by the id of either; raises SealApplicationUnknownError."""
        with self._database.snapshot() as session:
            made = session.exec(select(model.SealApplication.id).where(model.SealApplication.es_id == which)).first()
            return self._stepping.history(session, made or self._stepping.application(session, which).id)

    def ses_seal(self, es_id: str) -> bytes | None:
        """Return the SES_Seal of a seal's newest certificate, DER; None if it has none. Raises SealMissingError."""
        return self._ses_of(es_id, self._seals.seal(es_id).signers[-1])

    def ses_seal_of_key(self, kid: str) -> bytes | None:
        """Return the SES_Seal that lists a certificate, DER; None if there is none. Raises SealMissingError."""
        seal, signer = self._seals.register.of_key(kid)
        return self._ses_of(seal.es_id, signer)

    def _ses_of(self, es_id: str, signer: Signer) -> bytes | None:
        with self._database.snapshot() as session:
            rows = select(model.SealApplication.picture_id).where(model.SealApplication.es_id == es_id)
            picture_id = session.exec(rows).one()
            if picture_id is None or signer.ses_seal is None:
                return None
            return self._impressions.open_ses(session, picture_id, signer.kid, signer.ses_seal)

    def require_part(self, staff: Staff, authority: str) -> None:
        """Refuse who has no part in an authority's seals: only such people see what they say and show; raises RoleMissingError."""
        staff.require_any(STEPS[REPORT].roles, authority)

    def ses_seal_for(self, staff: Staff, es_id: str) -> bytes | None:
        """Return the SES_Seal of a seal to somebody who has a part in it; otherwise as `ses_seal`. Raises RoleMissingError too."""
        self.require_part(staff, self._seals.seal(es_id).authority)
        return self.ses_seal(es_id)

    def picture_for(self, staff: Staff, es_id: str) -> Impression | None:
        """Return how a seal looks to somebody who has a part in it; otherwise as `picture`. Raises RoleMissingError too."""
        self.require_part(staff, self._seals.seal(es_id).authority)
        return self.picture(es_id)

    def picture(self, es_id: str) -> Impression | None:
        """Return how a seal looks, for what is sealed with it; None if it was made before there were pictures. Raises SealMissingError."""
        self._seals.seal(es_id)
        with self._database.snapshot() as session:
            rows = select(model.SealApplication.picture_id).where(model.SealApplication.es_id == es_id)
            picture_id = session.exec(rows).first()
            return None if picture_id is None else self._impressions.open(session, picture_id)

    def draft(self, staff: Staff, wish: Wish) -> Draft:
        """Tell what a wish would come to, to somebody who may apply for it; nothing is kept. Raises RoleMissingError, and as `examine`."""
        staff.require(SEAL_APPLICANT, wish.authority)
        return examine(wish, self._catalogue)

    def impression(self, staff: Staff, application_id: str) -> Impression:
        """Return what is to be approved: text and picture; raises RoleMissingError for those who have no part in it."""
        with self._database.snapshot() as session:
            row = self._stepping.application(session, application_id)
            self.require_part(staff, row.authority)
            if row.picture_id is None:
                raise SealApplicationUnknownError(
                    "This seal was made before there were applications; it has no picture."
                )
            return self._impressions.open(session, row.picture_id)
