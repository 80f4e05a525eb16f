"""Sealing: from a checked draft to a signed SD-JWT VC whose clear claims hold no face data (docs/formats.md).

Decides which claims stand in the clear: issuer, times, type, status place, identifier and version, which are pseudonyms
and dates. It must never put number, holder or face data there. RFC 9901; `exp` is the midnight after the last day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar
from hub.licences.draft import Draft
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status_places import StatusPlace
from hub.seals.reaching import reaching_a_key
from hub.seals.service import Sealer
from keys import sd_jwt


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition about to be sealed: its identifier, the superseded one, its place in a status list, the sealing time."""

    identifier: LicenceIdentifier
    supersedes: str | None
    place: StatusPlace
    sealed_at: datetime


def vct(licence_type: LicenceType) -> str:
    """Return the type's name inside sealed licences: urn:licence-hub:type:KEY:VERSION."""
    return f"urn:licence-hub:type:{licence_type.key}:{licence_type.version}"


def clear_claims(
    edition: Edition, draft: Draft, licence_type: LicenceType, *, issuer: str, calendar: Calendar, public_url: str
) -> dict[str, Any]:
    """Return what everybody may see of a licence; times are seconds since 1970."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "iat": int(edition.sealed_at.timestamp()),
        "nbf": int(calendar.start(draft.valid_from).timestamp()),
        "vct": vct(licence_type),
        "status": {
            "status_list": {"idx": edition.place.index, "uri": f"{public_url}/status-lists/{edition.place.number}"}
        },
        "licence_identifier": str(edition.identifier),
        "licence_version": edition.identifier.version,
    }
    if draft.valid_until is not None:
        claims["exp"] = int(calendar.end(draft.valid_until).timestamp())
    if edition.supersedes is not None:
        claims["supersedes"] = edition.supersedes
    return claims


def seal(
    edition: Edition, draft: Draft, licence_type: LicenceType, sealer: Sealer, *, calendar: Calendar, public_url: str
) -> sd_jwt.Sealed:
    """Sign one edition under the authority's seal; the draft must have passed `draft.check`.

    Raises:
        SealKeyUnavailableError: the token that holds the seal's key does not sign.
    """
    clear = clear_claims(edition, draft, licence_type, issuer=sealer.issuer, calendar=calendar, public_url=public_url)
    with reaching_a_key():
        return sd_jwt.seal(
            clear,
            draft.document(),
            key=sealer.key,
            kid=sealer.kid,
            header={"seal": sealer.es_id},
            atomic=licence_type.atomic,
        )
