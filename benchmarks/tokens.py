"""Printed codes beside the suite's raw signature, in this process, by CPU time.

*Signing* makes a token of `keys.qr_token` from what the hub knows of a licence, with a masked holder. *Verifying* makes every check of
`keys.qr_verification` on another token each time, from the text that a scanner types: base32, form, hub, key, chain, signature, issuer, seal, validity,
status; certificates and their chain have been read and checked before. The raw figures sign and verify the very same bytes. *Service* is
`hub.counters.public`, the verdict that anybody asks for, with the licence looked up on SQLite. *Drawing* is the code as SVG.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.companies import draft
from benchmarks.figures import Figure, ratios
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, make_scene
from benchmarks.sealing import microseconds
from benchmarks.workshop import Workshop
from hub.composition import Hub
from hub.counters import qr_code
from hub.counters.verdict import Word
from hub.licences.finding import StoredLicence
from keys import qr_text, qr_token
from keys.qr_token import QrToken, hub_mark
from keys.qr_verification import verify_token
from keys.report import Result
from keys.suites import SUITES
from keys.verification import StatusAnswer

REACH: Final = {"ES256": 0.35, "Ed25519": 0.4, "SM2-SM3": 0.7}
COLUMNS: Final = (
    "suite", "bytes", "raw sign, us", "sign, us", "raw verify, us", "verify a code's text, us", "raw verify / verify", "service, us", "draw, us",
)  # fmt: skip


@dataclass(slots=True)
class Cost:
    """CPU microseconds of each step, round by round, and how large a token is."""

    size: int = 0
    raw_sign: list[float] = field(default_factory=list)
    sign: list[float] = field(default_factory=list)
    raw_verify: list[float] = field(default_factory=list)
    verify: list[float] = field(default_factory=list)
    service: list[float] = field(default_factory=list)
    draw: list[float] = field(default_factory=list)

    def row(self, suite: str) -> tuple[str, ...]:
        """Return the row of the table."""
        first, second = (self.raw_sign, self.sign, self.raw_verify, self.verify), (self.service, self.draw)
        shown = [Figure.of(each).shown() for each in (*first, *second)]
        return suite, str(self.size), *shown[:4], ratios(self.raw_verify, self.verify).shown(2), *shown[4:]

    def goal(self, suite: str) -> Goal:
        """Return what was to be reached."""
        return Goal(f"{suite}: raw verify / verify a code", ratios(self.raw_verify, self.verify).median, REACH[suite])


@dataclass(slots=True)
class Desk:
    """One suite at work: a hub whose authority seals under it, and licences of its own."""

    hub: Hub
    licences: Sequence[StoredLicence]

    async def round(self, cost: Cost) -> None:
        """Sign, verify, ask and draw once more, and note what each cost."""
        hub = self.hub
        sealer, trust, now, url = hub.seals.sealer(ISSUER), hub.seals.trust(), hub.clock.now(), hub.settings.public_url
        asked = [self._token(each) for each in self.licences]
        made = [qr_token.sign(each, sealer.key, sealer.kid) for each in asked]
        messages = [qr_token.parse(each).message for each in made]
        texts, status, public = (
            [qr_text.write(url, each) for each in made],
            StatusAnswer("VALID", now),
            sealer.key.public,
        )
        cost.size = max(map(len, made))
        _check(verify_token(each, url, trust, status, now).result for each in made)
        cost.raw_sign.append(microseconds(lambda one: sealer.key.sign(one.to_be_signed), messages))
        cost.sign.append(microseconds(lambda one: qr_token.sign(one, sealer.key, sealer.kid), asked))
        cost.raw_verify.append(microseconds(lambda one: public.verify(one.signature, one.to_be_signed), messages))
        cost.verify.append(
            microseconds(lambda text: verify_token(qr_text.read(text).token, url, trust, status, now), texts)
        )
        cost.service.append(await self._served(texts))
        cost.draw.append(microseconds(lambda text: qr_code.of_text(text).svg, texts[: max(1, len(texts) // 10)]))

    async def _served(self, texts: Sequence[str]) -> float:
        before = asyncio.get_running_loop().time()
        for text in texts:
            if (await self.hub.codes.public.verify(text)).word is not Word.VALID:
                raise RuntimeError("A code that was printed here is not valid.")
        return (asyncio.get_running_loop().time() - before) / len(texts) * 1e6

    def _token(self, stored: StoredLicence) -> QrToken:
        now = int(self.hub.clock.now().timestamp())
        return QrToken(
            hub_mark(self.hub.settings.public_url), stored.identifier, stored.status_list, stored.status_index, now,
            not_before=now - 86_400, expires_at=now + 86_400, holder="虚构市第一百二十三号餐饮有限公司",
        )  # fmt: skip


def run(workshop: Workshop) -> Outcome:
    """Measure every suite in turn, in rounds."""
    costs = {name: Cost() for name, row in SUITES.items() if row.available()}
    for name, cost in costs.items():
        workshop.say(name)
        asyncio.run(_rounds(workshop, name, cost))
    table = Table("CPU of one (service: time of one)", COLUMNS, tuple(cost.row(name) for name, cost in costs.items()))
    return Outcome(tuple(cost.goal(name) for name, cost in costs.items()), (table,))


async def _rounds(workshop: Workshop, suite: str, cost: Cost) -> None:
    folder = workshop.folder / f"tokens-{suite}"
    hub = make_scene(folder, f"sqlite:///{folder / 'hub.db'}", suite).open()
    drafts = [draft(place) for place in range(workshop.sizes.sealed)]
    issued = hub.licences.issue_many(ISSUER, "benchmark", drafts)
    found = [await hub.finder.by_identifier(each.identifier) for each in issued]
    desk = Desk(hub, [each for each in found if each is not None])
    for _ in range(workshop.sizes.pace.rounds):
        await desk.round(cost)
    await hub.close()


def _check(results: Iterable[Result]) -> None:
    if any(each is not Result.TOTAL_PASSED for each in results):
        raise RuntimeError("A code that was signed here does not verify.")
