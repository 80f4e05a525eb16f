"""Renditions beside typst alone on the same template, data and pictures, in this process, by CPU time.

*Bare* is one call of typst's own `compile` on the files that the hub made for a licence. *Typeset* is what the hub does of the same disclosed licence: face,
sheet, the seal's place, and the PDF. *Whole* is `hub.renditions.service` as the issuing authority meets it, from the identifier to the bytes: looked up,
decrypted, disclosed, the printed code signed and drawn, typeset, and under ES256 signed (PAdES) with the seal's picture. *Memory* is what
the first rendition of each form adds to this process.
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final

from benchmarks.companies import TYPE, draft
from benchmarks.figures import Figure, ratios
from benchmarks.processes import memory_megabytes
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, make_scene
from benchmarks.sealing import microseconds
from benchmarks.workshop import Workshop
from hub.access.caller import ISSUE, Caller
from hub.audit.service import Pending
from hub.composition import Hub
from hub.renditions.legible import font_folder
from hub.renditions.sealing import RenditionSealing
from hub.renditions.sheet import Ground, files_of
from hub.renditions.templates import template_of
from hub.renditions.typesetting import typeset
from hub.seals.stamping import Stamping
from hub.sharing.disclosure import Disclosed

SUITES: Final = ("Ed25519", "ES256")  # in this order, so that the first loads the typesetter, and the second the signer
REACH: Final = 0.4  # of bare typst's rate, for typesetting
PRINTED: Final = 10  # one licence in so many is printed
COLUMNS: Final = ("suite", "bytes", "bare typst, us", "typeset, us", "bare / typeset", "whole, us", "whole, a second")


@dataclass(slots=True)
class Cost:
    """CPU microseconds of each step, round by round, and how large a file is."""

    size: int = 0
    first: float = 0
    bare: list[float] = field(default_factory=list)
    typeset: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)

    def row(self, suite: str) -> tuple[str, ...]:
        """Return the row of the table."""
        signed = f"{suite}, signed" if suite == "ES256" else f"{suite}, unsigned"
        shown = [Figure.of(each).shown() for each in (self.bare, self.typeset, self.whole)]
        ratio, rate = ratios(self.bare, self.typeset).shown(2), Figure.of([1e6 / each for each in self.whole]).shown()
        return signed, f"{self.size:,}", *shown[:2], ratio, shown[2], rate


@dataclass(frozen=True, slots=True)
class Desk:
    """One suite at work: a hub whose authority seals under it, and licences of its own."""

    hub: Hub
    identifiers: Sequence[str]

    async def round(self, cost: Cost) -> None:
        """Print all licences once more, each in three ways, and note what each cost."""
        import typst  # noqa: PLC0415 - not before the first rendition, whose memory is measured

        disclosed = [await self._disclosed(each) for each in self.identifiers]
        files = [self._files(each) for each in disclosed]
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font_folder())])
        options: Mapping[str, Any] = {
            "format": "pdf", "pdf_standards": ["a-2b"], "font_paths": fonts, "ignore_system_fonts": True,
        }  # fmt: skip
        now = self.hub.clock.now()
        cost.bare.append(microseconds(lambda one: typst.compile(dict(one), **options), files))
        cost.typeset.append(microseconds(lambda one: typeset(self._files(one), now), disclosed))
        before = time.process_time()
        for identifier in self.identifiers:
            cost.size = max(cost.size, await self.whole(identifier))
        cost.whole.append((time.process_time() - before) / len(self.identifiers) * 1e6)

    async def whole(self, identifier: str) -> int:
        """Make a rendition as the service does and return its size."""
        made = await self.hub.renditions.of_issuer(self._caller, identifier, Pending(epoch=self.hub.epoch()))
        return len(made.pdf)

    @property
    def _caller(self) -> Caller:
        return Caller("benchmark", ISSUER, frozenset({ISSUE.name}), self.hub.epoch())

    async def _disclosed(self, identifier: str) -> Disclosed:
        return await self.hub.sharing.own(self._caller, identifier, None, Pending(epoch=self.hub.epoch()))

    def _files(self, disclosed: Disclosed) -> Mapping[str, bytes]:
        hub = self.hub
        hand = RenditionSealing(hub.seals, hub.seal_office, Stamping(hub.clock)).hand(ISSUER)
        ground = Ground(
            "0" * 32, hub.clock.now().astimezone(UTC), "虚构市市场监督管理局", "https://hub.example", hand.picture
        )
        return files_of(disclosed, hub.catalogue.type(TYPE), template_of(TYPE), ground)


def run(workshop: Workshop) -> Outcome:
    """Measure a signed and an unsigned form in turn, in rounds, and memory in a process of its own."""
    costs = {suite: Cost() for suite in SUITES}
    for suite, cost in costs.items():
        workshop.say(suite)
        asyncio.run(_rounds(workshop, suite, cost))
    table = Table("CPU of one business licence", COLUMNS, tuple(cost.row(suite) for suite, cost in costs.items()))
    goals = tuple(
        Goal(f"{suite}: bare typst / typeset", ratios(cost.bare, cost.typeset).median, REACH)
        for suite, cost in costs.items()
    )
    remarks = tuple(
        f"{suite}: the first rendition of a process takes {cost.first:,.0f} MB of memory that stay."
        for suite, cost in costs.items()
    )
    return Outcome(goals, (table,), remarks)


async def _rounds(workshop: Workshop, suite: str, cost: Cost) -> None:
    folder = workshop.folder / f"renditions-{suite}"
    hub = make_scene(folder, f"sqlite:///{folder / 'hub.db'}", suite).open()
    drafts = [draft(place) for place in range(max(2, workshop.sizes.sealed // PRINTED))]
    desk = Desk(hub, [each.identifier for each in hub.licences.issue_many(ISSUER, "benchmark", drafts)])
    before = memory_megabytes(os.getpid())[0]
    await desk.whole(desk.identifiers[0])
    cost.first = memory_megabytes(os.getpid())[0] - before
    for _ in range(workshop.sizes.pace.rounds):
        await desk.round(cost)
    await hub.close()
