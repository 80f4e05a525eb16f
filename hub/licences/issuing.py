"""Issuing: a checked draft becomes a sealed edition and the rows that keep it.

Decides what is written for one edition: data keys, the licence, its parts and images, its first event, its blind
indexes and its record. It must never write a plaintext: whatever came in the draft leaves as ciphertext or keyed hash.
An edition is prepared without the database and stored at once, so that a batch seals before it holds any lock.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.audit.state import told
from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar, to_micros
from hub.licences import parts, sealing
from hub.licences.draft import Draft, spelling
from hub.licences.sealing import Edition
from hub.licences.status import Status
from hub.licences.uniqueness import Claim, Uniqueness, claim, scopes
from hub.seals.service import Sealer
from hub.vault import purposes
from hub.vault.service import DataKey, Vault, indexed
from hub.writing import Row, new_id, target, write

LICENCES: Final = target(
    "licence", "id", "identifier", "serial", "version", "type_key", "type_version", "authority", "es_id", "status",
    "revision", "valid_from", "valid_until", "sealed", "sealed_at", "status_list", "status_index", "supersedes",
)  # fmt: skip
PARTS: Final = target("licence_part", "licence_id", "part", "path", "key_id", "handle", "data")
EVENTS: Final = target(
    "licence_event", "id", "licence_id", "sequence", "operation", "status", "actor", "legal_basis", "reason", "key_id",
    "effective_at", "recorded_at",
)  # fmt: skip
FIRST_REVISION: Final = 1


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
    """An edition that is sealed and not yet stored: its claim, and its rows in the order of their foreign keys."""

    issued: Issued
    claim: Claim
    rows: tuple[Row, ...]


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
        issued, persons = Issued(new_id(), str(edition.identifier), FIRST_REVISION), parts.holder_parts(draft)
        made = {part: self._vault.key_row() for part in sorted({parts.COMMON, *persons})}
        shares = {part: _Share(key, uuid.uuid4().hex if part in persons else "") for part, (key, _) in made.items()}
        owned = parts.divide(sealed.disclosures, parts.owners(draft, licence_type), licence_type.image_paths)
        digest = parts.sealed_digest(sealed.jwt)
        scoped = tuple(self._scopes(issued.id, draft, licence_type, shares))
        licence = _licence(issued, edition, draft, licence_type, sealer, sealed.jwt)
        event = self._event(issued, edition, draft, request, shares[parts.COMMON].key)
        event_id = str(event[1][0])  # and that of its record: so the history leads to proofs
        facts = _facts(issued, edition, draft, request, sealer, [shares[part].handle for part in persons])
        rows = (
            *(row for _, row in made.values()),
            licence,
            *(
                self._part(issued.id, row, shares[row[0]], parts.pack(digest, disclosures))
                for row, disclosures in owned.items()
            ),
            event,
            *self._indexes(issued.id, draft, licence_type, shares),
            *scoped,
            self._audit.writing(Entry("licence", {**facts, "rows": told(licence, event)}, event_id)),
        )
        return Prepared(issued, claim(draft, map(indexed, scoped)), rows)

    def store(self, session: Session, prepared: Sequence[Prepared]) -> list[Issued]:
        """Write editions and their records, all or none; a status place that is taken raises IntegrityError.

        Raises:
            LicenceExistsError: a live licence has one of the uniqueness scopes.
        """
        self._uniqueness.take(session, [one.claim for one in prepared])
        write(session, (row for one in prepared for row in one.rows))
        return [one.issued for one in prepared]

    def _part(self, licence_id: str, row: parts.Row, share: _Share, plaintext: bytes) -> Row:
        data = self._vault.seal(purposes.FACE, share.key, parts.row_name(licence_id, *row), plaintext)
        return PARTS, (licence_id, *row, share.key.id, share.handle, data)

    def _event(self, issued: Issued, edition: Edition, draft: Draft, request: Request, key: DataKey) -> Row:
        event_id, at = new_id(), to_micros(edition.sealed_at)
        reason = self._vault.seal(purposes.REASON, key, event_id, draft.reason.encode())
        return EVENTS, (
            event_id, issued.id, 1, request.operation, Status.VALID.value, request.actor, draft.legal_basis, reason,
            key.id, at, at,
        )  # fmt: skip

    def _indexes(
        self, licence_id: str, draft: Draft, licence_type: LicenceType, shares: dict[int, _Share]
    ) -> Iterator[Row]:
        place, key, indexing = f"licence:{licence_id}", licence_type.key, self._vault.indexing
        yield from indexing(purposes.number(key), spelling(draft.number), shares[parts.COMMON].key, place)
        for part, holder in zip(parts.holder_parts(draft), draft.holders, strict=True):
            share, person = shares[part], purposes.person(holder.code_type, holder.code)
            yield from indexing(purposes.holder(key), person, share.key, place, part)
            yield from indexing(purposes.access(key), person, share.key, f"handle:{share.handle}")

    def _scopes(
        self, licence_id: str, draft: Draft, licence_type: LicenceType, shares: dict[int, _Share]
    ) -> Iterator[Row]:
        domain, place = purposes.uniqueness(licence_type.key), f"licence:{licence_id}"
        for part, scope in scopes(draft, licence_type):
            yield from self._vault.indexing(domain, scope, shares[part].key, place, part)


def _licence(
    issued: Issued, edition: Edition, draft: Draft, licence_type: LicenceType, sealer: Sealer, jwt: str
) -> Row:
    identifier, place = edition.identifier, edition.place
    return LICENCES, (
        issued.id, issued.identifier, identifier.serial, identifier.version, licence_type.key, licence_type.version,
        identifier.issuer, sealer.es_id, Status.VALID.value, issued.revision, draft.valid_from.isoformat(),
        draft.valid_until.isoformat() if draft.valid_until else None, jwt, to_micros(edition.sealed_at),
        place.number, place.index, edition.supersedes,
    )  # fmt: skip


def _facts(
    issued: Issued, edition: Edition, draft: Draft, request: Request, sealer: Sealer, handles: list[str]
) -> dict[str, Any]:
    return {
        "operation": request.operation,
        "identifier": issued.identifier,
        "type": draft.type_key,
        "supersedes": edition.supersedes,
        "authority": request.authority,
        "client": request.actor,
        "legal_basis": draft.legal_basis,
        "es_id": sealer.es_id,
        "kid": sealer.kid,
        "status": Status.VALID.value,
        "effective_at": to_micros(edition.sealed_at),
        "subjects": handles,
    }
