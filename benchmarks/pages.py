"""(q) The heaviest pages of the console with ten thousand and with a million licences, and as many records: the same page of two databases, asked in turn.

Pages are asked for through the hub's own command, signed in as somebody who may open all of them, by a bounded load. The hub's CPU and PostgreSQL's count
together: what a page reads is what grows. Both databases are brought up to date first, as a hub that serves keeps itself: records are leaves, folded and found, licences
are counted.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from random import Random
from typing import Final
from urllib.parse import quote, urlencode

from benchmarks import postgres
from benchmarks.companies import company
from benchmarks.contest import Contest, Pace, Standing, compete
from benchmarks.figures import Figure, ratios
from benchmarks.load import Request
from benchmarks.log import CHUNK, entry
from benchmarks.results import Goal, Outcome
from benchmarks.scene import ISSUER, Scene
from benchmarks.servers import Server, hub_process, identifiers_of
from benchmarks.staff import session_of
from benchmarks.workshop import Workshop
from hub.access.staff.roles import AUDITOR, CATALOGUE_STEWARD, LICENCE_OFFICER
from hub.composition import Hub
from hub.web import forms
from hub.writing import write

MOST: Final = 2.0
"""CPU of a page at the largest size, by that at the smallest."""
LONGEST: Final = 50.0
"""Milliseconds of the hub's core for the heaviest page."""
READS: Final = 0.2
"""Records of reads for each licence, beside that of its issue."""
SEED: Final = 20261126
ASKED: Final = 50
SECONDS: Final = 0.25
"""Of the usual length of a round: there are many pages."""


@dataclass(frozen=True, slots=True)
class Known:
    """What pages are asked about: licences, records and companies that are there."""

    licences: Sequence[str]
    records: Sequence[str]
    places: Sequence[int]


@dataclass(frozen=True, slots=True)
class Page:
    """A row: its name, what stands in it, its paths, and what is sent; a form is a POST."""

    name: str
    expected: bytes
    paths: Callable[[Known], Iterator[str]]
    form: Callable[[int], Mapping[str, str]] | None = None


def _always(path: str) -> Callable[[Known], Iterator[str]]:
    return lambda _known: iter([path])


def _by_number(place: int) -> Mapping[str, str]:
    return {"by": "number", "term": company(place).code}


PAGES: Final = (
    Page("dashboard, a month", b"<svg", _always("/console/dashboard")),
    Page("dashboard, a year", b"<svg", _always("/console/dashboard?period=year")),
    Page("expected numbers", ISSUER.encode(), _always("/console/dashboard/expected")),
    Page("records, all", b"/console/audit/records/", _always("/console/audit")),
    Page("records of reads that were refused", b"</main>", _always("/console/audit?kind=access&outcome=REFUSED")),
    Page("records of one licence", b"/console/audit/records/", lambda known: (f"/console/audit?licence={quote(each)}" for each in known.licences)),
    Page("a record with its proof", b"data-outcome", lambda known: (f"/console/audit/records/{each}" for each in known.records)),
    Page("alerts", b"</main>", _always("/console/audit/alerts")),
    Page("work list", b"</main>", _always("/console")),
    Page("licences", b"/console/licences/1.2.156.", _always("/console/licences")),
    Page("licences that are revoked", b"</main>", _always("/console/licences?status=REVOKED")),
    Page("a licence found by its number", b"/console/licences/1.2.156.", _always("/console/licences"), _by_number),
    Page("a licence", b"</main>", lambda known: (f"/console/licences/{each}" for each in known.licences)),
)  # fmt: skip


def run(workshop: Workshop) -> Outcome:
    """Bring both databases up to date, serve both, and ask for every page of each in turn."""
    sizes = (workshop.sizes.licences[0], workshop.sizes.licences[-1])
    for size in sizes:
        workshop.growing.at(size)  # before the first is changed: the second grows out of it
    scenes = {size: workshop.growing.at(size) for size in sizes}
    with ExitStack() as stack:
        servers: list[Server] = []
        for size, scene in scenes.items():
            workshop.say(f"bringing {size:,} licences and their records up to date")
            session, known = prepared(scene, size)
            postgres.settle(scene.settings.database_url)
            serving = stack.enter_context(hub_process(scene, "", lambda _port, _tokens: ()))
            servers += [asked(serving, page, size, session, known) for page in PAGES]
        contest = compete(servers, workshop.postgres.process, _pace(workshop.sizes.pace), workshop.say)
    return Outcome(tuple(_goals(contest, *sizes)), (contest.table("Pages by licences, PostgreSQL"),), (contest.told(),))


def prepared(scene: Scene, size: int) -> tuple[str, Known]:
    """Put reads on record, and do at once what a serving hub does in time; return the session of who asks, and what there is."""
    with scene.opened() as hub:
        records = _fill(hub, int(size * READS))
        hub.log.integrate()
        hub.supervision.catch_up()
        hub.supervision.keep_up()
        session = session_of(hub, "reader", (AUDITOR, None), (CATALOGUE_STEWARD, None), (LICENCE_OFFICER, ISSUER))
        hub.log.integrate()
        hub.supervision.catch_up()
    dice = Random(SEED)  # noqa: S311 - the same dice in every run
    places = dice.sample(range(size), min(ASKED, size))
    return session, Known(identifiers_of(scene, ASKED), dice.sample(records, min(ASKED, len(records))), places)


def asked(serving: Server, page: Page, size: int, session: str, known: Known) -> Server:
    """Return a serving hub as one that is asked for a page."""
    contents = list(_contents(serving.port, page, session, known))
    return replace(
        serving, name=_name(page, size), requests=tuple(Request(each, (page.expected,)) for each in contents)
    )


def _fill(hub: Hub, count: int) -> list[str]:
    found: list[str] = []
    for start in range(0, count, CHUNK):
        entries = [entry(number) for number in range(start, min(start + CHUNK, count))]
        with hub.database.transaction() as session:
            write(session, [row for one in entries for row in hub.audit.recording(one)])
        found += [one.id for one in entries]
    return found


def _contents(port: int, page: Page, session: str, known: Known) -> Iterator[bytes]:
    for path in page.paths(known):
        if page.form is None:
            yield _request("GET", port, path, session)
        else:
            for place in known.places:
                given = urlencode({**page.form(place), forms.FIELD: forms.token_for(session)}).encode()
                yield _request("POST", port, path, session, given)


def _request(method: str, port: int, path: str, session: str, body: bytes = b"") -> bytes:
    head = [
        f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: session={session}", "Accept: text/html",
        "Accept-Language: zh-CN", *(["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if body else []),
    ]  # fmt: skip
    return "\r\n".join([*head, "", ""]).encode() + body


def _goals(contest: Contest, small: int, large: int) -> Iterator[Goal]:
    for page in PAGES:
        ratio = ratios(_cpu(contest, page, large), _cpu(contest, page, small))
        yield Goal(f"CPU of {page.name}: {large:,} / {small:,} licences", ratio.median, MOST, at_most=True)
    slowest = max(Figure.of(contest.standings[_name(page, large)].cpu).median for page in PAGES)
    yield Goal(f"server CPU of the heaviest page at {large:,} licences", slowest / 1000, LONGEST, " ms", at_most=True)


def _cpu(contest: Contest, page: Page, size: int) -> list[float]:
    standing: Standing = contest.standings[_name(page, size)]
    return [own + other for own, other in zip(standing.cpu, standing.database_cpu, strict=True)]


def _name(page: Page, size: int) -> str:
    return f"{page.name}, {size:,}"


def _pace(usual: Pace) -> Pace:
    return replace(usual, seconds=usual.seconds * SECONDS, warm_up=usual.warm_up * SECONDS)
