"""Issuing: a checked draft becomes a sealed edition and the rows that keep it.

Decides what is written for one edition: data keys, the licence, its parts and images, its first event, its blind
indexes and its record. It must never write a plaintext: whatever came in the draft leaves as ciphertext or keyed hash.
An edition is prepared without the database and stored at once, so that a batch seals before it holds any lock.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from hub.audit.service import Audit, Entry
from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar, to_micros
from hub.licences import parts, sealing
from hub.licences.draft import Draft, spelling
from hub.licences.model import Licence, LicenceEvent, LicencePart
from hub.licences.sealing import Edition
from hub.licences.status import Status
from hub.licences.uniqueness import Claim, Uniqueness, scopes
from hub.seals.service import Sealer
from hub.vault import purposes
from hub.vault.service import DataKey, Vault


@dataclass(frozen=True, slots=True)
class Issued:
    """What came of a change: the licence's id and identifier, and its revision, which the next change must name."""

    id: str
    identifier: str
    revision: int


@dataclass(frozen=True, slots=True)
class Request:
    """Who makes an edition, and by which operation."""

    operation: str
    authority: str
    actor: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """An edition that is sealed and not yet stored: rows in the order of their foreign keys, its claim and record."""

    issued: Issued
    claim: Claim
    rows: tuple[SQLModel, ...]
    entry: Entry


@dataclass(frozen=True, slots=True)
class _Share:
    """A part in the making: its data key and the subject handle of its person (empty for what is common to several)."""

    key: DataKey
    handle: str


class Issuing:
    """Prepares and stores editions."""

    def __init__(
        self, vault: Vault, audit: Audit, uniqueness: Uniqueness, *, calendar: Calendar, public_url: str
    ) -> None:
        """Use the vault's keys and indexes; `calendar` and `public_url` go into what is sealed."""
        self._vault = vault
        self._audit = audit
        self._uniqueness = uniqueness
        self._calendar = calendar
        self._public_url = public_url

    def prepare(
        self, edition: Edition, draft: Draft, licence_type: LicenceType, sealer: Sealer, request: Request
    ) -> Prepared:
        """Seal an edition and build its rows; the draft must have passed `draft.check`."""
        sealed = sealing.seal(
            edition, draft, licence_type, sealer, calendar=self._calendar, public_url=self._public_url
        )
        licence = _licence(edition, draft, licence_type, sealer, sealed.jwt)
        made = {part: self._vault.make_key() for part in sorted({parts.COMMON, *parts.holder_parts(draft)})}
        persons = parts.holder_parts(draft)
        shares = {part: _Share(key, uuid.uuid4().hex if part in persons else "") for part, (key, _) in made.items()}
        owned = parts.divide(sealed.disclosures, parts.owners(draft, licence_type), licence_type.image_paths)
        digest = parts.sealed_digest(sealed.jwt)
        rows = (
            *(row for _, row in made.values()),
            licence,
            *(
                self._part(licence.id, row, shares[row[0]], parts.pack(digest, disclosures))
                for row, disclosures in owned.items()
            ),
            self._event(licence, draft, request, shares[parts.COMMON].key),
            *self._indexes(licence.id, draft, licence_type, shares),
        )
        return Prepared(
            Issued(licence.id, licence.identifier, licence.revision),
            self._uniqueness.claim_of(draft, licence_type),
            rows,
            Entry("licence", _facts(licence, draft, request, sealer, [shares[part].handle for part in persons])),
        )

    def store(self, session: Session, prepared: Sequence[Prepared]) -> list[Issued]:
        """Write editions and their records, all or none; a status place that is taken raises IntegrityError.

        Raises:
            LicenceExistsError: a live licence has one of the uniqueness scopes.
        """
        self._uniqueness.take(session, [one.claim for one in prepared])
        by_table: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for row in (row for one in prepared for row in one.rows):
            by_table.setdefault(type(row), []).append(row.model_dump())
        for table, values in by_table.items():
            session.execute(insert(table), values)
        for one in prepared:
            self._audit.append(session, one.entry)
        return [one.issued for one in prepared]

    def _part(self, licence_id: str, row: parts.Row, share: _Share, plaintext: bytes) -> LicencePart:
        part, path = row
        data = self._vault.seal(purposes.FACE, share.key, parts.row_name(licence_id, part, path), plaintext)
        return LicencePart(
            licence_id=licence_id, part=part, path=path, key_id=share.key.id, handle=share.handle, data=data
        )

    def _event(self, licence: Licence, draft: Draft, request: Request, key: DataKey) -> LicenceEvent:
        event_id = uuid.uuid4().hex
        return LicenceEvent(
            id=event_id, licence_id=licence.id, sequence=1, operation=request.operation, status=licence.status,
            actor=request.actor, legal_basis=draft.legal_basis,
            reason=self._vault.seal(purposes.REASON, key, event_id, draft.reason.encode()), key_id=key.id,
            effective_at=licence.sealed_at, recorded_at=licence.sealed_at,
        )  # fmt: skip

    def _indexes(
        self, licence_id: str, draft: Draft, licence_type: LicenceType, shares: dict[int, _Share]
    ) -> Iterator[SQLModel]:
        place, key = f"licence:{licence_id}", licence_type.key
        domain, common = purposes.number(key), shares[parts.COMMON].key
        yield from self._vault.index_rows(domain, spelling(draft.number), common, place)
        for part, holder in zip(parts.holder_parts(draft), draft.holders, strict=True):
            share, person = shares[part], purposes.person(holder.code_type, holder.code)
            yield from self._vault.index_rows(purposes.holder(key), person, share.key, place, part)
            yield from self._vault.index_rows(purposes.access(key), person, share.key, f"handle:{share.handle}")
        for part, scope in scopes(draft, licence_type):
            yield from self._vault.index_rows(purposes.uniqueness(key), scope, shares[part].key, place, part)


def _licence(edition: Edition, draft: Draft, licence_type: LicenceType, sealer: Sealer, jwt: str) -> Licence:
    identifier = edition.identifier
    return Licence(
        id=uuid.uuid4().hex, identifier=str(identifier), serial=identifier.serial, version=identifier.version,
        type_key=licence_type.key, type_version=licence_type.version, authority=identifier.issuer, es_id=sealer.es_id,
        status=Status.VALID.value, valid_from=draft.valid_from.isoformat(),
        valid_until=draft.valid_until.isoformat() if draft.valid_until else None,
        sealed=jwt, sealed_at=to_micros(edition.sealed_at),
        status_list=edition.place.number, status_index=edition.place.index, supersedes=edition.supersedes,
    )  # fmt: skip


def _facts(licence: Licence, draft: Draft, request: Request, sealer: Sealer, handles: Sequence[str]) -> dict[str, Any]:
    return {
        "operation": request.operation,
        "identifier": licence.identifier,
        "supersedes": licence.supersedes,
        "authority": request.authority,
        "client": request.actor,
        "legal_basis": draft.legal_basis,
        "es_id": sealer.es_id,
        "kid": sealer.kid,
        "status": licence.status,
        "effective_at": licence.sealed_at,
        "subjects": list(handles),
    }
