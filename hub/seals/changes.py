"""What is done to seals, step by step: applied for, approved, made, filed, given a new key, suspended, resumed, revoked.

Each step is one unit of work under one lock over all processes: role and other hands (`stepping`), the change, its record, the new policy
epoch. Nothing half-made remains: a key that no row names is only a file in the key store. GB/T 38540-2020, 国办发〔2025〕33号.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from hub.access.staff.caller import Staff
from hub.access.staff.roles import SEAL_MAKER
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import InputInvalidError, SealMissingError, SealUnusableError, VersionConflictError
from hub.seals import applications, model
from hub.seals.applications import Wish
from hub.seals.certifying import OWN, Certifying, KeySource
from hub.seals.drafting import owner_of
from hub.seals.impressions import Impressions
from hub.seals.kinds import KeyPlace
from hub.seals.life import STEPS, SealStatus
from hub.seals.making import Making, next_es_id
from hub.seals.reaching import reaching_a_key
from hub.seals.refusals import SealExistsError
from hub.seals.register import Reason
from hub.seals.service import Seals
from hub.seals.stepping import Current, Stepping
from hub.vault.service import Vault
from hub.writing import new_id
from keys.references import KeyPlaces
from keys.suites import SUITES

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
        seals: Seals, current: Current,
    ) -> None:  # fmt: skip
        """`current` tells which roles somebody holds now; `seals` shows a change in this process once it is durable."""
        self._database = database
        self._audit = audit
        self._clock = clock
        self._catalogue = catalogue
        self._seals = seals
        self._certifying = Certifying(store, seals.outside_roots, seals.revocation_list_url)
        self._impressions = Impressions(vault)
        self._making = Making(audit, store, self._impressions, self._certifying)
        self._current = current
        self._stepping = Stepping(audit, clock, current)

    # -- from the application to the seal ----------------------------------------------------------------------------

    def apply(self, staff: Staff, wish: Wish) -> str:
        """Apply for a seal and return the application's id.

        Raises:
            RoleMissingError: he is no seal applicant of the authority.
            InputError: what is wished for cannot be made: the class says why (text, picture, suite, years, owner).
            SealExistsError: the owner has such a seal, or it is applied for.
        """
        owner = owner_of(wish, self._catalogue)
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

    def make_root(self, staff: Staff, suite: str, place: KeyPlace = KeyPlace.STORE) -> None:
        """Make the root and the maker of a suite before its first seal does; a way to have their keys in hardware.

        Raises:
            InputInvalidError, SealKeyPlaceError: no such suite, or its keys cannot be made there.
            RoleMissingError: he is no seal maker of the whole hub.
            SealExistsError: the suite has them.
        """
        if suite not in SUITES:
            raise InputInvalidError(f"The suite is one of {', '.join(SUITES)}.")
        with self._change() as session:
            self._current(session, staff).require(SEAL_MAKER)
            if session.get(model.SealMaker, suite) is not None:
                raise SealExistsError("This suite has its root and maker.")
            self._making.maker(session, suite, self._clock.now(), place)
            self._audit.advance_epoch(session)

    def request(self, staff: Staff, application_id: str, place: KeyPlace = KeyPlace.STORE) -> bytes:
        """Make the key of an approved seal, or the next one of an active seal, and ask an outside authority for its certificate.

        Returns the request (PKCS#10, PEM); `make` or `rotate` takes the chain that comes back. A second request replaces the first. Raises
        as `make`.
        """
        with self._change() as session:
            row = self._stepping.application(session, application_id)
            seal = session.get(model.Seal, row.es_id) if row.es_id else None
            name, status = ("REQUEST", row.status) if seal is None else ("REQUEST_ROTATION", seal.status)
            self._stepping.take(session, staff, name, row, status)
            return self._certifying.request(row, place)

    def requested(self, staff: Staff, application_id: str) -> bytes:
        """Return the request that waits for an outside authority's answer once more, without another key; for seal makers.

        Raises:
            SealCertificateError: none waits.
            SealApplicationUnknownError, RoleMissingError: no such application, or he is no seal maker of its authority.
        """
        with reaching_a_key(), self._database.snapshot() as session:
            row = self._stepping.application(session, application_id)
            staff.require(SEAL_MAKER, row.authority)
            return self._certifying.requested(row)

    def make(self, staff: Staff, application_id: str, source: KeySource = OWN) -> MadeSeal:
        """Make an approved seal; it seals nothing before it is filed.

        Raises:
            SealApplicationUnknownError, SealUnusableError: no such application, or it is not approved.
            RoleMissingError, SealFourEyesError: he may not make it.
            SealCustodyError: a key was given and the hub keeps it, or the other way round.
            SealCertificateError: the certificate of an outside authority does not fit.
            SealKeyPlaceError: the key cannot be made in that place.
            SuiteUnavailableError: this machine lacks the library for the suite.
        """
        with self._change() as session:
            row = self._stepping.application(session, application_id)
            now = self._clock.now()
            es_id = row.es_id = next_es_id(session, row.division)
            status = self._stepping.take(session, staff, "MAKE", row, row.status, suite=row.suite)
            seal = self._making.seal(session, row, es_id, status, now)
            kid = self._making.certificate(session, seal, row, source, now)
            row.status = status.value
        return MadeSeal(es_id, kid)

    def file(self, staff: Staff, es_id: str, note: str = "") -> None:
        """File a made seal (备案) and let it seal; the seal that it remakes is revoked with it. Raises as `_take`."""
        with self._change() as session:
            seal, row = self._found(session, es_id)
            seal.status = self._stepping.take(session, staff, "FILE", row, seal.status, note=note).value
            if seal.remakes is not None:
                self._supersede(session, staff, seal.remakes)

    # -- an active seal ----------------------------------------------------------------------------------------------

    def rotate(self, staff: Staff, es_id: str, source: KeySource = OWN, *, replaces: str | None = None) -> MadeSeal:
        """Give an active seal a new key and certificate; the old one seals no more and stays verifiable.

        `replaces` is the thumbprint of the certificate that was seen last: who sends the same twice replaces it once.

        Raises:
            SealMissingError: no such seal.
            SealUnusableError: it is not active, or not within its validity.
            VersionConflictError: another key has replaced that one already.
            Others as `make`.
        """
        with self._change() as session:
            seal, row = self._found(session, es_id)
            self._stepping.admit(session, staff, "ROTATE", row.authority)
            now = self._clock.now()
            if not seal.valid_from <= to_micros(now) < seal.valid_until:
                raise SealUnusableError
            self._stepping.take(session, staff, "ROTATE", row, seal.status)
            _retire(session, es_id, replaces, to_micros(now))
            kid = self._making.certificate(session, seal, row, source, now)
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
            self._stepping.admit(session, staff, name, row.authority)
            reported = self._reported(session, row.id) if name == "CONFIRM_COMPROMISE" else None
            status = self._stepping.take(session, staff, name, row, seal.status, reason=reason, note=note)
            seal.status = status.value
            if status is SealStatus.REVOKED:
                seal.revoked_at, seal.revoked_for = reported or self._now(), reason

    def _reported(self, session: Session, application_id: str) -> int:
        """Return when the report was made that has not been answered yet."""
        at = self._stepping.reported_at(session, application_id)
        if at is None:
            raise SealUnusableError("Nobody has reported this seal's key as stolen or lost; report it first.")
        return at

    def _decide(self, staff: Staff, name: str, application_id: str, note: str) -> None:
        with self._change() as session:
            row = self._stepping.application(session, application_id)
            row.status = self._stepping.take(session, staff, name, row, row.status, note=note).value

    def _supersede(self, session: Session, staff: Staff, es_id: str) -> None:
        old, row = self._found(session, es_id)
        if old.status in STEPS["REVOKE"].origins:
            self._stepping.require_answered(session, STEPS["REVOKE"], row.id)
            self._stepping.note(session, staff, STEPS["REVOKE"], row, reason=Reason.SUPERSEDED, note="")
            old.status = SealStatus.REVOKED.value
            old.revoked_at, old.revoked_for = self._now(), Reason.SUPERSEDED.value

    @contextmanager
    def _change(self) -> Iterator[Session]:
        """Open a change: one at a time over all processes, visible here once it is durable; raises SealKeyUnavailableError too."""
        with reaching_a_key(), self._database.transaction() as session:
            self._database.lock(session, LOCK)
            yield session
        self._seals.refresh()

    def _found(self, session: Session, es_id: str) -> tuple[model.Seal, model.SealApplication]:
        seal = session.get(model.Seal, es_id)
        row = session.exec(select(model.SealApplication).where(model.SealApplication.es_id == es_id)).first()
        if seal is None or row is None:
            raise SealMissingError("No seal has this number.")
        return seal, row

    def _now(self) -> int:
        return to_micros(self._clock.now())


def _retire(session: Session, es_id: str, replaces: str | None, at: int) -> None:
    """Retire the certificate of a seal that is not retired yet; raises VersionConflictError if it is not the one that was seen."""
    living = (model.SignerCertificate.es_id == es_id, col(model.SignerCertificate.retired_at).is_(None))
    found = session.exec(select(model.SignerCertificate).where(*living)).all()
    if replaces is not None and replaces not in {each.kid for each in found}:
        raise VersionConflictError("The seal has another key meanwhile; look at it again and decide anew.")
    for old in found:
        old.retired_at = at
