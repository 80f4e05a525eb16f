"""Checking printed codes by an offline pack alone, where there is no hub: the same rows, words and names as a counter's page comes to.

Decides a text into a verdict by what the pack holds, which was checked by signature and digest when it was opened. It reads no setting, opens no
database and asks no network. From a pack that is too old it confirms nothing; what the pack knows to be bad it says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.clock import Calendar
from hub.counters.reading import Taken, first_day, last_day, taken
from hub.counters.verdict import Names, ShownLicence, Verdict, Why, Word, may_show, word_of
from keys import licence_identifier, offline_pack, strict_json, trust_list
from keys.errors import FormatError
from keys.listed_status import WORDS
from keys.offline_pack import NAMES, STATUS_LISTS, TRUST_LIST, Manifest, Standing
from keys.qr_token import Parsed, QrToken, hub_mark
from keys.qr_verification import verify_token
from keys.status_bits import value_at
from keys.status_delta import BITS
from keys.trust_list import TrustList
from keys.verification import StatusAnswer


@dataclass(frozen=True, slots=True)
class OpenedPack:
    """A pack that was checked."""

    manifest: Manifest
    listed: TrustList = field(repr=False)
    names: Mapping[str, Any] = field(repr=False)
    calendar: Calendar
    parts: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def open(cls, token: bytes, parts: Mapping[str, bytes], keys: Iterable[dict[str, Any]]) -> Self:
        """Check a manifest and its parts under the hub's keys; raises FormatError, VerificationError, UncheckableError."""
        published = tuple(keys)
        manifest = offline_pack.read(token, published)
        for part in manifest.parts.values():
            part.check(parts.get(part.name, b""))
        listed = trust_list.read(parts[TRUST_LIST], published, _moment(manifest.issued_at), issuer=manifest.issuer)
        names = strict_json.loads_object(parts[NAMES])
        try:
            calendar = Calendar(ZoneInfo(names["zone"]))
        except (KeyError, TypeError, ValueError, ZoneInfoNotFoundError) as error:
            raise FormatError("the names are of no time zone") from error
        return cls(manifest, listed, names, calendar, parts)

    def verify(self, text: str, at: datetime) -> Verdict:
        """Return the verdict on what a scanner read, at a moment (aware); never raises for what the text holds."""
        found = taken(text)
        if isinstance(found, Taken):
            return self._of_token(found.data, found.parsed, at)
        if found.reason == Why.FOR_COUNTERS:  # who reads by a pack is one
            return Verdict(Word.CANNOT_CONFIRM, Why.NEEDS_HUB, online=False)
        return replace(found, online=False)

    def _of_token(self, data: bytes, parsed: Parsed, at: datetime) -> Verdict:
        stale = self.manifest.standing(at) is Standing.REFUSED
        status = self._status(parsed.token, stale=stale)
        report = verify_token(data, self.manifest.issuer, self.listed.trust, status, at)
        word, reason = word_of(report, status.status if status else None, online=False)
        if stale and reason == Why.NO_STATUS:
            reason = Why.STALE
        if not may_show(report):
            return Verdict(word, reason, report.checks, online=False)
        (key,) = self.listed.trust.hinted(parsed.hint)
        licence = self._licence(parsed.token, key.es_id)
        return Verdict(word, reason, report.checks, licence, status.at if status else None, online=False)

    def _status(self, token: QrToken, *, stale: bool) -> StatusAnswer | None:
        statuses = self.parts.get(f"{STATUS_LISTS}{token.status_list}", b"")
        if token.hub != hub_mark(self.manifest.issuer) or token.status_index >= len(statuses) * 8 // BITS:
            return None
        status = WORDS[value_at(statuses, token.status_index, BITS)]
        return None if stale and status == "VALID" else StatusAnswer(status, _moment(self.manifest.issued_at))

    def _licence(self, token: QrToken, es_id: str) -> ShownLicence:
        """Everything here was signed, or is public. What has no name is called by its code."""
        type_code, issuer, _ = licence_identifier.parts(token.identifier)
        seal = self.listed.seals[es_id].name
        return ShownLicence(
            identifier=token.identifier, type=self.names["types"].get(type_code, {}).get("key", type_code),
            type_names=self._names("types", type_code), issuer=issuer, issuer_names=self._names("authorities", issuer),
            holder=token.holder, valid_from=first_day(self.calendar, token.not_before),
            valid_until=last_day(self.calendar, token.expires_at),
            seal=es_id, seal_names=Names(seal, seal),
        )  # fmt: skip

    def _names(self, table: str, code: str) -> Names:
        found = self.names[table].get(code, {})
        return Names(found.get("zh", code), found.get("en", code))


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
