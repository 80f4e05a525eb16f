"""The offline pack: its bytes at a million and at ten million entries, what a day costs, and codes judged by it in node, as the counter's page does.

*Bytes* are those that travel: the manifest, and each part compressed as it is sent. Of every list half of the places are used, 1 % of the entries revoked, at
random places; a day's change is one entry in 10,000. *Judging* is `verdictOf` from the text to the verdict, beside the bare verification of the same
signatures by WebCrypto, or by the package that computes SM2.
"""

import asyncio
import json
import random
import shutil
import subprocess
import time
from base64 import b64encode
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlmodel import text

from benchmarks.figures import Figure, ratios
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, URL, make_scene
from benchmarks.workshop import Workshop
from hub.composition import Hub
from hub.counters.offline_pack.service import PERIOD
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.licences.status_places import HALF, PLACES
from keys import offline_pack, qr_text, qr_token
from keys.offline_pack import NAMES, STATUS_LISTS, TRUST_LIST, Manifest
from keys.qr_token import QrToken, hub_mark
from keys.suites import SUITES

ROOT: Final = Path(__file__).parents[1]
FRONT: Final = ROOT / "hub" / "web" / "counter" / "front"
PACKAGES: Final = ROOT / ".venv" / "npm" / "pages" / "node_modules"
MEASURE: Final = ROOT / "benchmarks" / "front" / "measure.mjs"
REVOKED, A_DAY = 100, 10_000  # one in so many
MOST_WHOLE, MOST_A_DAY = 500_000, 20_000  # bytes at ten million entries
REACH: Final = {"ES256": 0.4, "SM2-SM3": 0.8}
_NOTE: Final = text("INSERT INTO status_pending (status_list, status_index, value) VALUES (:list, :place, 1)")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Pack:
    """Bytes of a pack as it travels, and milliseconds to make its manifest: the first time, and after every list changed."""

    entries: int
    manifest: int
    others: int
    lists: int
    a_day: int
    first: float
    again: float

    @property
    def whole(self) -> int:
        """Return what a counter without a pack fetches."""
        return self.manifest + self.others + self.lists

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        sizes = (self.whole, self.manifest, self.others, self.lists, self.manifest + self.a_day)
        return (f"{self.entries:,}", *(f"{each:,}" for each in sizes), f"{self.first:,.0f}", f"{self.again:,.0f}")


def measure_pack(hub: Hub, entries: int) -> Pack:
    """Publish lists of so many entries, and a day's changes of them."""
    lists, drawn = -(-entries // HALF), random.Random(entries)  # noqa: S311 - places, no secrets
    _revoke(hub, drawn, lists, entries // REVOKED)
    first, before = _manifest(hub)
    others = sum(_sent(hub, before, name) for name in (TRUST_LIST, NAMES))
    whole = sum(_sent(hub, before, f"{STATUS_LISTS}{number}") for number in range(1, lists + 1))
    _revoke(hub, drawn, lists, entries // A_DAY)
    again, after = _manifest(hub)
    names = [f"{STATUS_LISTS}{number}" for number in range(1, lists + 1)]
    a_day = sum(_sent(hub, after, name, since=before.parts[name].edition) for name in names)
    return Pack(entries, len(_ask(hub.offline_pack.manifest())), others, whole, a_day, first, again)


def _revoke(hub: Hub, drawn: random.Random, lists: int, count: int) -> None:
    places = [{"list": place % lists + 1, "place": drawn.randrange(PLACES)} for place in range(count)]
    with hub.database.transaction() as session:
        session.execute(_NOTE, places)
    hub.status_lists.publish_due()


def _manifest(hub: Hub) -> tuple[float, Manifest]:
    """Return milliseconds, and what the next manifest says."""
    time.sleep(PERIOD)  # one is made at most once in that time
    started = time.perf_counter()
    token = _ask(hub.offline_pack.manifest())
    return (time.perf_counter() - started) * 1000, offline_pack.read(token, _keys(hub))


def _sent(hub: Hub, manifest: Manifest, name: str, since: int | None = None) -> int:
    return len(_ask(_part(hub, manifest, name, since)).packed)


async def _part(hub: Hub, manifest: Manifest, name: str, since: int | None = None) -> Any:
    part = manifest.parts[name]
    if name == TRUST_LIST:
        return await hub.offline_pack.trust_list(part.edition)
    if name == NAMES:
        return await hub.offline_pack.names(part.address.rpartition("/")[2])
    return await hub.offline_pack.status_list(int(name.removeprefix(STATUS_LISTS)), part.edition, since)


def _keys(hub: Hub) -> list[dict[str, Any]]:
    return [*hub.offline_pack.jwks()["keys"], *hub.seal_lists.jwks()["keys"]]


def _ask(question: Coroutine[Any, Any, Answer]) -> Answer:
    return asyncio.run(question)


@dataclass(frozen=True, slots=True)
class Judging:
    """Microseconds of one code, round by round, and milliseconds to open the pack."""

    suite: str
    bare: list[float]
    ours: list[float]
    opening: float

    def row(self) -> tuple[str, ...]:
        """Return the row of the table."""
        bare, ours = Figure.of(self.bare), Figure.of(self.ours)
        return (
            self.suite,
            bare.shown(),
            ours.shown(),
            ratios(self.bare, self.ours).shown(2),
            f"{1e6 / ours.median:,.0f}",
            f"{self.opening:.0f}",
        )


def judge(hub: Hub, folder: Path, count: int, rounds: int) -> Judging:
    """Let node judge so many codes under the hub's seal."""
    manifest = offline_pack.read(token := _ask(hub.offline_pack.manifest()), _keys(hub))
    parts = {name: _ask(_part(hub, manifest, name)).body for name in manifest.parts}
    asked = {
        "pack": {"jwks": _keys(hub), "token": _base64(token), "parts": {name: _base64(one) for name, one in parts.items()}},
        "texts": _codes(hub, count), "at": hub.clock.now().timestamp() * 1000,
    }  # fmt: skip
    file = folder / "asked.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    command = ["node", str(MEASURE), str(folder / "front"), str(file), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own script
    return Judging(**json.loads(done.stdout))


def _codes(hub: Hub, count: int) -> list[str]:
    sealer, now = hub.seals.sealer(ISSUER), int(hub.clock.now().timestamp())
    code = hub.catalogue.type_code("BusinessLicence")
    tokens = (
        QrToken(
            hub_mark(URL),
            str(LicenceIdentifier(code, ISSUER, new_serial())),
            1,
            place,
            now,
            now - 86_400,
            now + 86_400_000,
            "示*公司",
        )
        for place in range(count)
    )
    return [qr_text.write(URL, qr_token.sign(each, sealer.key, sealer.kid)) for each in tokens]


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


@contextmanager
def opened(workshop: Workshop, name: str, suite: str = "ES256") -> Iterator[Hub]:
    """Yield a hub on an empty SQLite database, with one list published."""
    folder = workshop.folder / f"offline-{name}"
    with make_scene(folder, f"sqlite:///{folder / 'hub.db'}", suite).opened() as hub:
        with hub.database.transaction() as session:
            session.execute(_NOTE, {"list": 1, "place": PLACES - 1})
        hub.status_lists.publish_due()
        hub.seal_lists.publish_due()
        yield hub


def run(workshop: Workshop) -> Outcome:
    """Measure both."""
    sizes = (
        (1_000_000, 10_000_000) if workshop.sizes.status_entries >= 10**7 else (10_000, workshop.sizes.status_entries)
    )
    packs = []
    for entries in sizes:
        workshop.say(f"a pack of {entries:,} entries")
        with opened(workshop, f"{entries}") as hub:
            packs.append(measure_pack(hub, entries))
    judged = _judged(workshop)
    last = packs[-1]
    goals = [
        Goal(f"bytes of a whole pack of {last.entries:,} entries", last.whole, MOST_WHOLE, " B", at_most=True),
        Goal(f"bytes of a day's update of {last.entries:,} entries", last.manifest + last.a_day, MOST_A_DAY, " B", at_most=True),
        *(
            Goal(f"{each.suite}: bare verification / verdict in node", ratios(each.bare, each.ours).median, REACH[each.suite])
            for each in judged if each.suite in REACH
        ),
    ]  # fmt: skip
    sizes_table = Table(
        "Bytes that travel, and ms to make a manifest",
        ("entries", "whole", "manifest", "trust list and names", "status lists", "a day's update", "first manifest, ms", "after all lists changed, ms"),
        tuple(each.row() for each in packs),
    )  # fmt: skip
    rates = Table(
        "A code judged in node, us",
        ("suite", "bare verify", "verdict", "ratio", "codes/s", "opening the pack, ms"),
        tuple(each.row() for each in judged),
    )
    return Outcome(
        tuple(goals),
        (sizes_table, rates),
        ("Wall time of one thread, warm.",) if judged else ("Node or its packages are missing: nothing was judged.",),
    )


def _judged(workshop: Workshop) -> list[Judging]:
    if shutil.which("node") is None or not (PACKAGES / "sm-crypto-v2").is_dir():
        return []
    found = []
    for name in (name for name, row in SUITES.items() if row.available()):
        workshop.say(f"judging under {name}")
        folder = workshop.folder / f"front-{name}"
        folder.mkdir()
        (folder / "node_modules").symlink_to(PACKAGES)
        shutil.copytree(FRONT, folder / "front")
        with opened(workshop, name, name) as hub:
            found.append(judge(hub, folder, workshop.sizes.sealed, workshop.sizes.pace.rounds))
    return found
