"""What is done to seals, step by step: applied for, approved, made, filed, given a new key, suspended, resumed, revoked.

Each step is one unit of work under one lock over all processes: role and other hands (`stepping`), the change, its record, the new policy
epoch. Nothing half-made remains: a key that no row names is only a file in the key store. GB/T 38540-2020, 国办发〔2025〕33号.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.audit.service import Audit, Entry
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, SealMissingError, SealUnusableError
from hub.seals import applications, model
from hub.seals.applications import Owner, Wish
from hub.seals.impressions import Impressions
from hub.seals.kinds import Custody
from hub.seals.life import STEPS, SealStatus
from hub.seals.making import find_or_make_maker, make_certificate, make_ses_seal, next_es_id, years_later
from hub.seals.reaching import reaching_a_key
from hub.seals.refusals import SealCustodyError
from hub.seals.register import Reason
from hub.seals.stepping import Current, Stepping
from hub.vault.service import Vault
from hub.writing import new_id
from keys.certificates import Certificate
from keys.contracts import PublicKey
from keys.references import KeyPlaces

LOCK: Final = b"seals   "


@dataclass(frozen=True, slots=True)
class MadeSeal:
    """What was made: the seal's number and the thumbprint of its new certificate."""

    es_id: str
    kid: str


class Changes:
    """Changes seals."""

    def __init__(
        self, database: Database, audit: Audit, store: KeyPlaces, vault: Vault, clock: Clock, catalogue: Catalogue,
        current: Current, refresh: Callable[[], None],
    ) -> None:  # fmt: skip
        """`current` tells which roles somebody holds now; `refresh` shows a change in this process once it is durable."""
        self._database = database
        self._audit = audit
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._refresh = refresh
        self._impressions = Impressions(vault)
        self._stepping = Stepping(audit, clock, current)

    # -- from the application to the seal ----------------------------------------------------------------------------

    def apply(self, staff: Staff, wish: Wish) -> str:
        """Apply for a seal and return the application's id.

        Raises:
            RoleMissingError: he is no seal applicant of the authority.
            InputError: what is wished for cannot be made: the class says why (text, picture, suite, years, owner).
            SealExistsError: the owner has such a seal, or it is applied for.
        """
        owner = self._owner(wish)
        purpose = applications.check(wish, owner)
        shown = applications.impression(wish, owner)  # may take a while, and needs no lock
        with self._change() as session:
            step = self._stepping.admit(session, staff, "APPLY", wish.authority)
            now = self._now()
            applications.require_place(session, wish, owner, now)
            picture = self._impressions.keep(session, shown)
            row = applications.row(wish, owner, new_id(), purpose, picture, now)
            session.add(row)
            session.flush()
            self._stepping.note(session, staff, step, row, reason="", note="", seal_kind=row.kind, suite=row.suite)
        return row.id

    def approve(self, staff: Staff, application_id: str, note: str = "") -> None:
        """Approve an application; raises as `_take`."""
        self._decide(staff, "APPROVE", application_id, note)

    def reject(self, staff: Staff, application_id: str, note: str) -> None:
        """Reject an application, saying why; raises as `_take`, and InputInvalidError without a note."""
        if not note.strip():
            raise InputInvalidError("Say why the application is rejected; its applicant reads it.")
        self._decide(staff, "REJECT", application_id, note)

    def make(self, staff: Staff, application_id: str, public_key: PublicKey | None = None) -> MadeSeal:
        """Make an approved seal; it seals nothing before it is filed.

        `public_key` is that of an owner who keeps his key himself.

        Raises:
            SealApplicationUnknownError, SealUnusableError: no such application, or it is not approved.
            RoleMissingError, SealFourEyesError: he may not make it.
            SealCustodyError: a key was given and the hub keeps it, or the other way round.
            SuiteUnavailableError: this machine lacks the library for the suite.
        """
        with self._change() as session:
            row = self._stepping.application(session, application_id)
            if (public_key is None) != (row.custody == Custody.HUB):
                raise SealCustodyError("Give the owner's public key if he keeps the key himself, and only then.")
            now = self._clock.now()
            maker = self._maker(session, row.suite, now)
            row.es_id = next_es_id(session, row.division)
            status = self._stepping.take(session, staff, "MAKE", row, row.status, suite=row.suite)
            seal = self._seal_row(row, maker, status, now)
            session.add(seal)
            session.flush()
            kid = self._add_certificate(session, maker, seal, row, now, public_key)
            row.status = status.value
        return MadeSeal(seal.es_id, kid)

    def file(self, staff: Staff, es_id: str, note: str = "") -> None:
        """File a made seal (备案) and let it seal; the seal that it remakes is revoked with it. Raises as `_take`."""
        with self._change() as session:
            seal, row = self._found(session, es_id)
            seal.status = self._stepping.take(session, staff, "FILE", row, seal.status, note=note).value
            if seal.remakes is not None:
                self._supersede(session, staff, seal.remakes)

    # -- an active seal ----------------------------------------------------------------------------------------------

    def rotate(self, staff: Staff, es_id: str, public_key: PublicKey | None = None) -> MadeSeal:
        """Give an active seal a new key and certificate; the old one seals no more and stays verifiable.

        Raises:
            SealMissingError: no such seal.
            SealUnusableError: it is not active, or not within its validity.
            SealCustodyError, RoleMissingError: as `make`.
        """
        with self._change() as session:
            seal, row = self._found(session, es_id)
            now = self._clock.now()
            if not seal.valid_from <= to_micros(now) < seal.valid_until:
                raise SealUnusableError
            if (public_key is None) != (seal.custody == Custody.HUB):
                raise SealCustodyError("Give the owner's public key if he keeps the key himself, and only then.")
            self._stepping.take(session, staff, "ROTATE", row, seal.status)
            living = (model.SignerCertificate.es_id == es_id, col(model.SignerCertificate.retired_at).is_(None))
            for old in session.exec(select(model.SignerCertificate).where(*living)):
                old.retired_at = to_micros(now)
            kid = self._add_certificate(session, self._maker(session, seal.suite, now), seal, row, now, public_key)
        return MadeSeal(es_id, kid)

    def suspend(self, staff: Staff, es_id: str, reason: str, note: str = "") -> None:
        """Suspend an active seal: it seals nothing until it is resumed. Raises as `_take`."""
        self._take(staff, "SUSPEND", es_id, reason, note)

    def resume(self, staff: Staff, es_id: str, reason: str, note: str = "") -> None:
        """Let a suspended seal seal again, also after a report that nobody confirmed. Raises as `_take`."""
        self._take(staff, "RESUME", es_id, reason, note)

    def revoke(self, staff: Staff, es_id: str, reason: str, note: str = "") -> None:
        """Revoke a seal for ever; what it sealed before stays verifiable. Raises as `_take`."""
        if reason == Reason.KEY_COMPROMISE:
            raise InputInvalidError("A stolen or lost key is reported by one person and confirmed by another.")
        self._take(staff, "REVOKE", es_id, reason, note)

    def report_compromise(self, staff: Staff, es_id: str, note: str = "") -> None:
        """Report a stolen or lost key: the seal is suspended at once, until another person confirms it. Raises as `_take`."""
        self._take(staff, "REPORT_COMPROMISE", es_id, Reason.KEY_COMPROMISE, note)

    def confirm_compromise(self, staff: Staff, es_id: str, note: str = "") -> None:
        """Confirm a report: the seal is revoked as from the report, and what it sealed needs proof that it existed before.

        Raises as `_take`, and SealUnusableError when nobody has reported it.
        """
        self._take(staff, "CONFIRM_COMPROMISE", es_id, Reason.KEY_COMPROMISE, note)

    # -- steps of a change -------------------------------------------------------------------------------------------

    def _take(self, staff: Staff, name: str, es_id: str, reason: str, note: str) -> None:
        """Take a step on a seal.

        Raises:
            InputInvalidError: the reason is not one of `Reason`, or the note is too long.
            SealMissingError: no such seal.
            SealUnusableError: its status does not allow it.
            RoleMissingError, SealFourEyesError: he may not.
        """
        if reason not in set(Reason):
            raise InputInvalidError(f"The reason is one of {', '.join(Reason)}.")
        with self._change() as session:
            seal, row = self._found(session, es_id)
            reported = self._reported(session, row.id) if name == "CONFIRM_COMPROMISE" else None
            status = self._stepping.take(session, staff, name, row, seal.status, reason=reason, note=note)
            seal.status = status.value
            if status is SealStatus.REVOKED:
                seal.revoked_at, seal.revoked_for = reported or self._now(), reason

    def _reported(self, session: Session, application_id: str) -> int:
        """Return when the report was made that has not been answered yet."""
        steps = self._stepping.history(session, application_id)
        if not steps or steps[-1].step != "REPORT_COMPROMISE":
            raise SealUnusableError("Nobody has reported this seal's key as stolen or lost; report it first.")
        return steps[-1].at

    def _decide(self, staff: Staff, name: str, application_id: str, note: str) -> None:
        with self._change() as session:
            row = self._stepping.application(session, application_id)
            row.status = self._stepping.take(session, staff, name, row, row.status, note=note).value

    def _supersede(self, session: Session, staff: Staff, es_id: str) -> None:
        old, row = self._found(session, es_id)
        if old.status in STEPS["REVOKE"].origins:
            self._stepping.note(session, staff, STEPS["REVOKE"], row, reason=Reason.SUPERSEDED, note="")
            old.status = SealStatus.REVOKED.value
            old.revoked_at, old.revoked_for = self._now(), Reason.SUPERSEDED.value

    def _seal_row(
        self, row: model.SealApplication, maker: model.SealMaker, status: SealStatus, now: datetime
    ) -> model.Seal:
        first = now.replace(microsecond=0)
        last = min(years_later(first, row.years), Certificate.load(maker.certificate).not_after)
        assert row.es_id is not None  # noqa: S101 - just given
        return model.Seal(
            es_id=row.es_id, authority=row.authority, owner=row.owner, owner_name=row.owner_name, kind=row.kind,
            purpose=row.purpose, name=row.name, suite=row.suite, custody=row.custody, status=status.value,
            valid_from=to_micros(first), valid_until=to_micros(last), made_at=to_micros(now), remakes=row.remakes,
        )  # fmt: skip

    @contextmanager
    def _change(self) -> Iterator[Session]:
        """Open a change: one at a time over all processes, visible here once it is durable; raises SealKeyUnavailableError too."""
        with reaching_a_key(), self._database.transaction() as session:
            self._database.lock(session, LOCK)
            yield session
        self._refresh()

    def _found(self, session: Session, es_id: str) -> tuple[model.Seal, model.SealApplication]:
        seal = session.get(model.Seal, es_id)
        row = session.exec(select(model.SealApplication).where(model.SealApplication.es_id == es_id)).first()
        if seal is None or row is None:
            raise SealMissingError("No seal has this number.")
        return seal, row

    def _maker(self, session: Session, suite: str, now: datetime) -> model.SealMaker:
        maker, made = find_or_make_maker(session, self._store, suite, now)
        if made:
            root = Certificate.load(maker.certificate).thumbprint
            self._audit.append(session, Entry("seal", {"operation": "MAKE_ROOT", "suite": suite, "root": root}))
        return maker

    def _add_certificate(
        self, session: Session, maker: model.SealMaker, seal: model.Seal, row: model.SealApplication, now: datetime,
        public_key: PublicKey | None,
    ) -> str:  # fmt: skip
        made = make_certificate(self._store, maker, seal, now, public_key)
        if row.picture_id is not None:
            shown = self._impressions.open(session, row.picture_id)
            ses = make_ses_seal(self._store, maker, seal, made.certificate, shown, now)
            made.ses_seal = ses and self._impressions.seal_ses(session, row.picture_id, made.kid, ses)
        session.add(made)
        self._audit.append(session, Entry("seal", {"operation": "CERTIFY", "seal": seal.es_id, "kid": made.kid}))
        return made.kid

    def _owner(self, wish: Wish) -> Owner:
        handling = self._catalogue.authority(wish.authority)
        if wish.owner in {"", wish.authority}:
            return Owner(handling.code, handling.name_zh, handling.division)
        return applications.check_organisation(wish.owner, wish.owner_name, wish.division or handling.division)

    def _now(self) -> int:
        return to_micros(self._clock.now())
