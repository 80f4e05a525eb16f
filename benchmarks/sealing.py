"""(b) Sealing and verifying beside the suite's raw signature, in this process, by CPU time.

*Sealing* is `keys.sd_jwt.seal` of one edition of a business licence from its checked draft: every field of the face becomes a
salted disclosure, the token is signed. *Verifying* is `keys.verification.verify_presentation` of that licence with all its
disclosures (and, told beside, with those of the fields that the department of the look-ups is granted): format, key, chain,
signature, disclosures, issuer, seal, validity, status. *Issuing* is `Licences.issue_many`:
check, sealing, encryption, blind indexes, rows, record and commit. The raw figures sign and verify the very same bytes.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from benchmarks.companies import draft
from benchmarks.figures import Figure, ratios
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import GRANTED, ISSUER, make_scene
from benchmarks.workshop import Workshop
from hub.composition import Hub
from hub.licences.draft import Draft, check
from hub.licences.identifier import LicenceIdentifier, new_serial
from hub.licences.sealing import Edition, clear_claims
from hub.licences.status_places import StatusPlace
from keys import jws
from keys.report import Result
from keys.sd_jwt import Sealed, present, seal, select
from keys.suites import SUITES
from keys.verification import StatusAnswer, verify_presentation

REACH = {"ES256": (0.25, 0.5), "SM2-SM3": (0.7, 0.7)}
Thing = TypeVar("Thing")
COLUMNS = (
    "suite", "raw sign, us", "seal, us", "sign / seal", "raw verify, us", "verify a presentation, us", "ratio",
    "ratio, of granted fields only", "issue, us",
)  # fmt: skip


@dataclass(slots=True)
class Cost:
    """CPU microseconds of each step, round by round."""

    sign: list[float] = field(default_factory=list)
    seal: list[float] = field(default_factory=list)
    verify: list[float] = field(default_factory=list)
    examine: list[float] = field(default_factory=list)
    granted: list[float] = field(default_factory=list)
    issue: list[float] = field(default_factory=list)

    def row(self, suite: str) -> tuple[str, ...]:
        """Return the row of the table."""
        sign, sealed, verify, examined, issued = (
            Figure.of(each).shown() for each in (self.sign, self.seal, self.verify, self.examine, self.issue)
        )
        sealing, verifying, granted = (
            ratios(raw, ours).shown(2)
            for raw, ours in ((self.sign, self.seal), (self.verify, self.examine), (self.verify, self.granted))
        )
        return suite, sign, sealed, sealing, verify, examined, verifying, granted, issued

    def goals(self, suite: str) -> tuple[Goal, Goal]:
        """Return what was to be reached."""
        sealing, verifying = REACH[suite]
        return (
            Goal(f"{suite}: raw sign / seal", ratios(self.sign, self.seal).median, sealing),
            Goal(f"{suite}: raw verify / verify a presentation", ratios(self.verify, self.examine).median, verifying),
        )


@dataclass(slots=True)
class Desk:
    """One suite at work: a hub whose authority seals under it, and as many drafts as a round takes."""

    hub: Hub
    drafts: Sequence[Draft]
    issued: int = 0

    def round(self, cost: Cost) -> None:
        """Sign, seal, verify, examine and issue once more, and note what each cost."""
        sealer, trust = self.hub.seals.sealer(ISSUER), self.hub.seals.trust()
        asked = [(self._clear(each), each.document()) for each in self.drafts]
        header = {"seal": sealer.es_id}

        def seal_one(pair: tuple[dict[str, Any], dict[str, Any]]) -> Sealed:
            return seal(*pair, key=sealer.key, kid=sealer.kid, header=header)

        made = [seal_one(each) for each in asked]
        tokens = [jws.parse(one.jwt) for one in made]
        shown, granted = ([_presentation(one, wanted) for one in made] for wanted in (None, GRANTED))
        now = self.hub.clock.now()
        status, public = StatusAnswer("VALID", now), sealer.key.public
        cost.sign.append(microseconds(lambda token: sealer.key.sign(token.signing_input), tokens))
        cost.seal.append(microseconds(seal_one, asked))
        cost.verify.append(microseconds(lambda token: public.verify(token.signature, token.signing_input), tokens))
        cost.examine.append(microseconds(lambda one: verify_presentation(one, trust, status, now), shown))
        cost.granted.append(microseconds(lambda one: verify_presentation(one, trust, status, now), granted))
        if any(
            verify_presentation(one, trust, status, now).result is not Result.TOTAL_PASSED for one in (*shown, *granted)
        ):
            raise RuntimeError("A licence that was sealed here does not verify.")
        cost.issue.append(self._issue())

    def _clear(self, each: Draft) -> dict[str, Any]:
        hub, sealer = self.hub, self.hub.seals.sealer(ISSUER)
        identifier = LicenceIdentifier(hub.catalogue.type_code(each.type_key), ISSUER, new_serial())
        edition = Edition(identifier, None, StatusPlace(1, 1), hub.clock.now())
        return clear_claims(
            edition, each, hub.catalogue.type(each.type_key),
            issuer=sealer.issuer, calendar=hub.settings.calendar, public_url=hub.settings.public_url,
        )  # fmt: skip

    def _issue(self) -> float:
        drafts = [draft(place) for place in range(self.issued, self.issued + len(self.drafts))]
        self.issued += len(drafts)
        return microseconds(lambda batch: self.hub.licences.issue_many(ISSUER, "benchmark", batch), [drafts]) / len(
            drafts
        )


def _presentation(sealed: Sealed, wanted: Sequence[str] | None) -> str:
    """Return a licence with the wanted fields, None for all."""
    chosen = select(sealed.disclosures, lambda path: wanted is None or path[0] in wanted)
    return present(sealed.jwt, (each.encoded for each in chosen))


def microseconds(step: Callable[[Thing], object], things: Sequence[Thing]) -> float:
    """Return the CPU microseconds of one step, over all things once."""
    before = time.process_time()
    for thing in things:
        step(thing)
    return (time.process_time() - before) / len(things) * 1e6


def run(workshop: Workshop) -> Outcome:
    """Measure every suite in turn, in rounds."""
    desks = {name: _desk(workshop, name) for name, row in SUITES.items() if row.available()}
    costs = {name: Cost() for name in desks}
    for number in range(1, workshop.sizes.pace.rounds + 1):
        workshop.say(f"round {number} of {workshop.sizes.pace.rounds}")
        for name, desk in desks.items():
            desk.round(costs[name])
    for desk in desks.values():
        desk.hub.database.close()
    goals = [goal for name in REACH if name in costs for goal in costs[name].goals(name)]
    table = Table("CPU of one", COLUMNS, tuple(cost.row(name) for name, cost in costs.items()))
    return Outcome(tuple(goals), (table,), _remarks(next(iter(desks.values())).drafts[0], costs))


def _remarks(drafted: Draft, costs: dict[str, Cost]) -> tuple[str, ...]:
    rates = ", ".join(f"{name} {1e6 / Figure.of(cost.issue).median:,.0f}" for name, cost in costs.items())
    return (
        f"One business licence: {len(drafted.document())} claims that are disclosed by choice, holder's parts besides.",
        f"End to end by Licences.issue_many on SQLite, editions a second of CPU on one core: {rates}.",
    )


def _desk(workshop: Workshop, suite: str) -> Desk:
    folder = workshop.folder / f"sealing-{suite}"
    scene = make_scene(folder, f"sqlite:///{folder / 'hub.db'}", suite)
    hub = scene.open()
    today = hub.settings.calendar.day(hub.clock.now())
    drafts = [draft(place) for place in range(workshop.sizes.sealed)]
    return Desk(hub, [check(each, hub.catalogue.type(each.type_key), today) for each in drafts])
