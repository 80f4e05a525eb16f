"""The verdict on a printed code where there is no hub: by a trust list and status lists that somebody fetched before.

Decides the same words as online, by the same tables; a seal that is not in the list may be newer than it, so that is a doubt here. Names are those of
the trust list; types are called by their code, for no list names them. It reads no setting and asks no network.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from hub.clock import Calendar
from hub.counters.reading import first_day, last_day, taken
from hub.counters.verdict import Names, ShownLicence, Verdict, may_show, word_of
from keys import licence_identifier
from keys.errors import FormatError
from keys.listed_status import status_at
from keys.qr_token import QrToken
from keys.qr_verification import place_of, verify_token
from keys.status_list import StatusList
from keys.trust_list import TrustList
from keys.verification import StatusAnswer


def verify_offline(
    text: str, listed: TrustList, status_lists: Iterable[StatusList], at: datetime, calendar: Calendar
) -> Verdict:
    """Return the verdict as of a moment; never raises for what the text holds."""
    found = taken(text)
    if isinstance(found, Verdict):
        return replace(found, online=False)
    token, hub = found.parsed.token, listed.edition.issuer
    status = _status(token, hub, status_lists, at)
    report = verify_token(found.data, hub, listed.trust, status, at)
    word, reason = word_of(report, status.status if status else None, online=False)
    if not may_show(report):
        return Verdict(word, reason, report.checks, online=False)
    (key,) = listed.trust.hinted(found.parsed.hint)
    licence = _licence(token, listed, key.es_id, calendar)
    return Verdict(word, reason, report.checks, licence, status.at if status else None, online=False)


def _status(token: QrToken, hub: str, status_lists: Iterable[StatusList], at: datetime) -> StatusAnswer | None:
    place = place_of(token, hub)
    own = next((one for one in status_lists if one.uri == place.uri), None)
    if own is None:
        return None
    try:
        return status_at(own, place, at)
    except FormatError:  # nobody has vouched for the index yet
        return None


def _licence(token: QrToken, listed: TrustList, es_id: str, calendar: Calendar) -> ShownLicence:
    type_code, issuer, _ = licence_identifier.parts(token.identifier)
    seal = listed.seals[es_id]
    return ShownLicence(
        identifier=token.identifier, type=type_code, type_names=Names(type_code, type_code), issuer=issuer,
        issuer_names=Names(seal.owner_name, seal.owner_name), holder=token.holder,
        valid_from=first_day(calendar, token.not_before), valid_until=last_day(calendar, token.expires_at),
        seal=es_id, seal_names=Names(seal.name, seal.name),
    )  # fmt: skip
