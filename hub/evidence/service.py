"""Evidence packages (证据包): what left in one case, with everything that proves it, in one file that verifies without this hub.

Decides what a package is made of. Answers are made again by `hub.sharing.rebuilding`, which also decides who may have them; each one's record is
proven by the log. The hub keeps no package and no receipt, so both are made anew: the receipt says when the answer was, and what the
licence's status was then as it was known then. Format: `keys.evidence`.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from anyio.to_thread import run_sync

from hub.access.caller import Caller
from hub.access.staff.caller import Staff
from hub.audit.log import Inclusion, TransparencyLog
from hub.audit.refusals import NotIntegratedError
from hub.audit.service import Pending
from hub.clock import Clock, from_micros
from hub.evidence.enclosures import Enclosures
from hub.licences.service import Licences
from hub.licences.status_lists import StatusLists
from hub.seals.listing import TRUST_LIST
from hub.seals.office import SealOffice
from hub.seals.published import SealLists
from hub.seals.service import Seals
from hub.sharing.rebuilding import Rebuilt, Wish
from hub.sharing.service import Sharing
from keys import evidence
from keys.evidence import Answer, Case, Manifest
from keys.log_proof import LogProof

__all__ = ["Evidence", "EvidencePackage", "Wish"]

_TRIES: Final = 20
_PAUSE: Final = 0.15  # seconds; all tries together are the two seconds in which a record is a leaf, and one more

Jwks = Callable[[], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class EvidencePackage:
    """A package: its bytes, and how many answers it holds, of which how many without what left."""

    content: bytes = field(repr=False)
    answers: int
    missing: int


class Evidence:
    """Makes packages."""

    def __init__(
        self, sharing: Sharing, log: TransparencyLog, licences: Licences, status_lists: StatusLists, seals: Seals,
        office: SealOffice, seal_lists: SealLists, clock: Clock, *, public_url: str, jwks: Sequence[Jwks],
    ) -> None:  # fmt: skip
        """`jwks` give the keys that are published; `public_url` names the hub in what it signs."""
        self._sharing = sharing
        self._log = log
        self._licences = licences
        self._status_lists = status_lists
        self._seals = seals
        self._office = office
        self._seal_lists = seal_lists
        self._clock = clock
        self._public_url = public_url
        self._jwks = jwks

    async def of_client(self, caller: Caller, wish: Wish, pending: Pending) -> EvidencePackage:
        """Return the package of a case of the caller's authority; its records are promised, and it leaves after they are durable.

        Raises:
            AccessError, SharingError, EvidenceTooLargeError: as `Rebuilding.of_client`.
            NotIntegratedError: a record is not in the log yet; ask again in the time it says.
            LogBrokenError: what is in the database is not what was signed.
            PolicyChangedError, UnavailableError: nothing left.
        """
        return await self._package(wish, await self._sharing.rebuilding.of_client(caller, wish, pending))

    async def of_staff(self, staff: Staff, wish: Wish, pending: Pending) -> EvidencePackage:
        """Return the package of a case to an auditor of its authority; raises RoleMissingError, and as `of_client`."""
        return await self._package(wish, await self._sharing.rebuilding.of_staff(staff, wish, pending))

    async def _package(self, wish: Wish, rebuilt: Sequence[Rebuilt]) -> EvidencePackage:
        enclosed = Enclosures(self._seals, self._office, self._status_lists)
        files, answers = dict[str, bytes](), []
        for place, one in enumerate(rebuilt, 1):
            answer, own = await self._answer(f"answers/{place:03d}", wish, one, enclosed)
            answers.append(answer)
            files |= {answer.file(name): content for name, content in own.items()}
        listed = await self._seal_lists.present(TRUST_LIST)
        keys = [key for jwks in self._jwks for key in jwks()["keys"]]
        log_keys = self._log.published.verifier_keys()
        files |= {
            **enclosed.files,
            evidence.JWKS: orjson.dumps({"keys": keys}),
            evidence.TRUST_LIST: listed.body,
            evidence.LOG_KEYS: "".join(f"{each}\n" for each in log_keys).encode(),
        }
        manifest = Manifest(
            self._public_url, log_keys[0].partition("+")[0], int(self._clock.now().timestamp()),
            Case(wish.authority, wish.item, wish.number), tuple(answers),
        )  # fmt: skip
        content = await run_sync(evidence.write, manifest, files, self._signed)
        return EvidencePackage(content, len(answers), sum(one.missing is not None for one in answers))

    def _signed(self, claims: Mapping[str, Any]) -> str:
        return self._sharing.receipts.sign_as(evidence.TYP, claims)

    async def _answer(
        self, folder: str, wish: Wish, one: Rebuilt, enclosed: Enclosures
    ) -> tuple[Answer, Mapping[str, bytes]]:
        inclusion = await self._included(one.record)
        record, facts = inclusion.record, inclusion.record.facts
        at = from_micros(facts["time"])
        status = await run_sync(self._licences.status_at, one.licence, at, at)
        receipt = self._sharing.receipts.late(facts, evidence.digest(record.body), wish.number, str(status))
        proof = LogProof(inclusion.place, inclusion.hashes, inclusion.checkpoint).to_text()
        own = {
            evidence.RECORD: record.body, evidence.SALT: record.salt, evidence.PROOF: proof.encode(),
            evidence.RECEIPT: receipt.encode("ascii"),
        }  # fmt: skip
        if one.disclosed is None:
            return Answer(one.record, folder, missing=str(one.missing)), own
        presentation = one.disclosed.presentation
        told = {name: facts[name] for name in ("type", "licence", "version", "disclosed", "withheld")}
        own[evidence.PRESENTATION] = presentation.encode("ascii")
        own[evidence.ANSWER] = orjson.dumps({**told, "values": one.disclosed.values})
        chain, seal = await enclosed.chain(presentation), await enclosed.seal(presentation)
        return Answer(one.record, folder, chain, seal, await enclosed.status(presentation, int(at.timestamp()))), own

    async def _included(self, record_id: str) -> Inclusion:
        """Return the proof of a record, countersigned if there is such; one that is not in the log yet is brought there, here or by another process."""
        for _ in range(_TRIES):
            try:
                return await run_sync(self._log.attested_inclusion, record_id)
            except NotIntegratedError:
                if not await run_sync(self._log.integrate):
                    await asyncio.sleep(_PAUSE)
        return await run_sync(self._log.attested_inclusion, record_id)
