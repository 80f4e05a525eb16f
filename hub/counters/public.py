"""What anybody may know of a printed code: whether it is genuine, and what became of the licence, as the hub knows it now.

Decides a text into a verdict, whatever the text is; a refusal is a verdict too, and nothing is raised for what a text holds. It must never show
more than the code itself says: no field of the licence is opened, and no record of a person is made, for nothing of his is read: verdicts are counted. Where a key was
stolen, the record of the code's making is looked for.
"""

from collections import Counter
from datetime import datetime

from anyio import to_thread

from hub.audit.service import Audit
from hub.catalogue.licence_type import Term
from hub.catalogue.service import Catalogue
from hub.clock import Calendar, Clock
from hub.counters.reading import Taken, first_day, last_day, taken
from hub.counters.verdict import Names, ShownLicence, Verdict, may_show, word_of
from hub.database import Database
from hub.errors import IdentifierError, UnavailableError
from hub.licences.finding import Finder
from hub.licences.identifier import LicenceIdentifier
from hub.licences.status import effective_status
from hub.seals.service import Seals
from hub.seals.uses import Uses
from keys import licence_identifier
from keys.errors import SubIndication
from keys.qr_token import QrToken, hub_mark
from keys.qr_verification import verify_token
from keys.report import Report
from keys.verification import StatusAnswer, Trust


class PublicVerification:
    """Verifies printed codes for everybody."""

    def __init__(
        self, database: Database, audit: Audit, seals: Seals, finder: Finder, catalogue: Catalogue, clock: Clock, *,
        calendar: Calendar, public_url: str,
    ) -> None:  # fmt: skip
        """Use the hub's trust, its records and its time; `public_url` tells its own codes from others."""
        self._uses = Uses(database, audit)
        self._seals = seals
        self._finder = finder
        self._catalogue = catalogue
        self._clock = clock
        self._calendar = calendar
        self._public_url = public_url
        self.verdicts: Counter[str] = Counter()

    async def verify(self, text: str) -> Verdict:
        """Return the verdict on what a scanner read, or somebody typed; never raises for what it holds."""
        found = taken(text)
        verdict = found if isinstance(found, Verdict) else await self._of_token(found)
        self.verdicts[verdict.word] += 1
        return verdict

    async def _of_token(self, taken: Taken) -> Verdict:
        data, parsed = taken.data, taken.parsed
        trust, status = self._seals.trust(), await self._status(parsed.token)
        report = self._report(data, trust, status)
        if any(one.sub_indication == SubIndication.NO_POE for one in report.checks):
            existed_at = await to_thread.run_sync(self._uses.existed_at, parsed.message.signature)
            report = self._report(data, trust, status, existed_at)
        word, reason = word_of(report, status.status if status else None, online=True)
        if not may_show(report):
            return Verdict(word, reason, report.checks)
        (key,) = trust.hinted(parsed.hint)
        licence = self._licence(parsed.token, key.es_id)
        return Verdict(word, reason, report.checks, licence, status.at if status else None)

    def _report(
        self, data: bytes, trust: Trust, status: StatusAnswer | None, existed_at: datetime | None = None
    ) -> Report:
        return verify_token(data, self._public_url, trust, status, self._clock.now(), existed_at=existed_at)

    async def _status(self, token: QrToken) -> StatusAnswer | None:
        """Nobody has vouched for the token yet: what is not of this hub, or no identifier, reaches no look-up that others share."""
        if token.hub != hub_mark(self._public_url):
            return None
        try:
            stored = await self._finder.by_identifier(str(LicenceIdentifier.parse(token.identifier)))
        except (IdentifierError, UnavailableError):
            return None
        if stored is None:
            return None
        now = self._clock.now()
        status = effective_status(stored.status, stored.valid_from, stored.valid_until, self._calendar.day(now))
        return StatusAnswer(status, now)

    def _licence(self, token: QrToken, es_id: str) -> ShownLicence:
        """Everything here was signed, or is public. What the hub has no name for is called by its code."""
        type_code, issuer, _ = licence_identifier.parts(token.identifier)
        type_key, type_name = self._type(type_code)
        authority, seal = self._catalogue.current.authorities.get(issuer), self._seals.register.known(es_id)
        return ShownLicence(
            identifier=token.identifier, type=type_key, type_names=Names(type_name.zh, type_name.en), issuer=issuer,
            issuer_names=Names(authority.name_zh, authority.name_en) if authority else Names(issuer, issuer),
            holder=token.holder, valid_from=first_day(self._calendar, token.not_before), valid_until=last_day(self._calendar, token.expires_at),
            seal=es_id, seal_names=Names(seal.name, seal.name) if seal else Names(es_id, es_id),
        )  # fmt: skip

    def _type(self, code: str) -> tuple[str, Term]:
        """Return key and name of the type that has a code; of one whose code was changed since, the code alone."""
        generation = self._catalogue.current
        key = next((key for key in generation.types if generation.code_of(key) == code), None)
        return (key, generation.types[key][-1].name) if key else (code, Term(code, code))
