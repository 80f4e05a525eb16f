"""Sealing a hash and verifying it beside the suite's raw signature, in this process, by CPU time.

*Sealing* makes the detached signature of a file, given by its digest, under a seal that is at hand: SES_Signature of GB/T 38540-2020 by
`keys.ses_making.sign` (the whole seal, picture included, is part of what is signed), CMS by `keys.cms.sign`. *Verifying* makes every check of
`keys.ses_verification` or `keys.cms_verification` on another signature each time: what is the same in all, certificates, their chain and the
seal itself, has been read and checked before; format, value, digest, times and revocations are checked each time. The raw figures sign and
verify the very same bytes. *Service* is `hub.seals.files.FileSealing`, as a department's file goes through it: roles, the seal, the value, the
finished signature verified in whole, the use on record by a durable commit.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.figures import Figure, ratios
from benchmarks.results import Goal, Outcome, Table
from benchmarks.scene import ISSUER, make_scene
from benchmarks.sealing import REACH, microseconds
from benchmarks.workshop import Workshop
from hub.access.staff.caller import Staff
from hub.access.staff.roles import LICENCE_OFFICER
from hub.composition import Hub
from hub.seals.file_forms import PROPERTY_INFO, form_of
from hub.seals.files import FileSealing
from hub.seals.stamping import Stamping
from keys import cms, cms_reading, cms_verification, ses_making, ses_verification
from keys.certificates import Certificate
from keys.contracts import PrivateKey
from keys.digests import Digests, digests_of
from keys.elliptic import ES256
from keys.report import Report, Result
from keys.ses_seal import Seal, parse_seal
from keys.ses_signature import parse_signature
from keys.sm2 import SM2_SM3
from keys.suites import SUITES

OFFICER: Final = Staff("benchmark", "benchmark", {None: frozenset({LICENCE_OFFICER.name})}, 0)
SERVED: Final = 4  # one in so many goes through the service, which commits each
COLUMNS: Final = (
    "form", "suite", "bytes", "raw sign, us", "seal, us", "sign / seal", "raw verify, us", "verify, us", "ratio",
    "service: seal, us", "service: verify, us",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signed:
    """A detached signature taken apart: whole, what was signed, and the value (DER)."""

    der: bytes
    message: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Desk:
    """One seal at work: its hub, its key and certificate, the seal itself, and the service in front of them."""

    hub: Hub
    es_id: str
    key: PrivateKey
    certificate: Certificate
    seal: Seal
    service: FileSealing


@dataclass(frozen=True, slots=True)
class Form:
    """A form of signatures under a suite: how one is made of a desk and digests, taken apart, and verified."""

    name: str
    suite: str
    make: Callable[[Desk, Digests], bytes]
    apart: Callable[[bytes], Signed]
    verify: Callable[[Desk, bytes, Digests], Report]


@dataclass(slots=True)
class Cost:
    """CPU microseconds of each step, round by round, and how large a signature is."""

    size: int = 0
    sign: list[float] = field(default_factory=list)
    seal: list[float] = field(default_factory=list)
    verify: list[float] = field(default_factory=list)
    examine: list[float] = field(default_factory=list)
    served_seal: list[float] = field(default_factory=list)
    served_verify: list[float] = field(default_factory=list)

    def row(self, form: Form) -> tuple[str, ...]:
        """Return the row of the table."""
        sign, seal, verify, examine = (
            Figure.of(each).shown() for each in (self.sign, self.seal, self.verify, self.examine)
        )
        sealing, verifying = ratios(self.sign, self.seal).shown(2), ratios(self.verify, self.examine).shown(2)
        served = (Figure.of(each).shown() if each else "-" for each in (self.served_seal, self.served_verify))
        return form.name, form.suite, f"{self.size:,}", sign, seal, sealing, verify, examine, verifying, *served

    def goals(self, form: Form) -> tuple[Goal, Goal]:
        """Return what was to be reached."""
        sealing, verifying = REACH[form.suite]
        name = f"{form.name}, {form.suite}"
        return (
            Goal(f"{name}: raw sign / seal a hash", ratios(self.sign, self.seal).median, sealing),
            Goal(f"{name}: raw verify / verify", ratios(self.verify, self.examine).median, verifying),
        )


def run(workshop: Workshop) -> Outcome:
    """Measure every form in turn, in rounds."""
    desks = {name: _desk(workshop, name) for name in REACH if SUITES[name].available()}
    costs = {form: Cost() for form in FORMS if form.suite in desks}
    for number in range(1, workshop.sizes.pace.rounds + 1):
        workshop.say(f"round {number} of {workshop.sizes.pace.rounds}")
        for form, cost in costs.items():
            _round(desks[form.suite], form, cost, workshop.sizes.sealed)
    for desk in desks.values():
        desk.hub.database.close()
    goals = tuple(goal for form, cost in costs.items() for goal in cost.goals(form))
    rows = tuple(cost.row(form) for form, cost in costs.items())
    remark = "Service figures: on SQLite, the wait for the disk not counted; - where files under that suite get another form."
    return Outcome(goals, (Table("CPU of one", COLUMNS, rows),), (remark,))


def _round(desk: Desk, form: Form, cost: Cost, count: int) -> None:
    """Sign, seal, verify and examine once more, by the bare functions and by the service."""
    asked = [digests_of(os.urandom(64)) for _ in range(count)]
    made = [form.apart(form.make(desk, each)) for each in asked]
    pairs = list(zip(made, asked, strict=True))
    cost.size = len(made[0].der)
    public = desk.key.public
    _check([form.verify(desk, one.der, digests) for one, digests in pairs])
    cost.sign.append(microseconds(lambda one: desk.key.sign_der(one.message), made))
    cost.seal.append(microseconds(lambda each: form.make(desk, each), asked))
    cost.verify.append(microseconds(lambda one: public.verify_der(one.value, one.message), made))
    fresh = [(form.make(desk, each), each) for each in asked]
    cost.examine.append(microseconds(lambda pair: form.verify(desk, *pair), fresh))
    if form_of(form.suite).name == form.name:
        served, service = asked[: max(1, count // SERVED)], desk.service
        cost.served_seal.append(microseconds(lambda each: service.sign(OFFICER, desk.es_id, each, "benchmark"), served))
        cost.served_verify.append(microseconds(lambda pair: service.verify(*pair), fresh[: len(served)]))


def _check(reports: Sequence[Report]) -> None:
    if any(each.result is not Result.TOTAL_PASSED for each in reports):
        raise RuntimeError("A file that was sealed here does not verify.")


def _desk(workshop: Workshop, suite: str) -> Desk:
    folder = workshop.folder / f"seals-{suite}"
    hub = make_scene(folder, f"sqlite:///{folder / 'hub.db'}", suite).open()
    (made,) = hub.seals.seals(ISSUER)
    _, signer = hub.seals.signer_of(made.es_id)
    service = FileSealing(
        hub.database, hub.audit, hub.clock, hub.seals, hub.seal_office, Stamping(hub.clock),
        current=lambda _session, staff: staff,
    )  # fmt: skip
    seal = parse_seal(hub.seal_office.ses_seal(made.es_id) or b"")
    return Desk(hub, made.es_id, hub.seals.sealer_of(made.es_id).key, signer.certificate, seal, service)


def _make_ses(desk: Desk, digests: Digests) -> bytes:
    now, digest = desk.hub.clock.now().replace(microsecond=0), digests.by(desk.key.suite.digest_name)
    return ses_making.sign(desk.seal, now, digest, PROPERTY_INFO, desk.certificate, desk.key).der


def _ses_apart(der: bytes) -> Signed:
    read = parse_signature(der)
    return Signed(der, read.sealing.der, read.value)


def _verify_ses(desk: Desk, der: bytes, digests: Digests) -> Report:
    return ses_verification.verify_signature(der, digests, desk.hub.seals.seal_trust(), desk.hub.clock.now())


def _make_cms(desk: Desk, digests: Digests) -> bytes:
    now = desk.hub.clock.now().replace(microsecond=0)
    return cms.sign(digests.by(desk.key.suite.digest_name), desk.key, desk.certificate, now)


def _cms_apart(der: bytes) -> Signed:
    read = cms_reading.read(der)
    return Signed(der, read.signed_bytes, read.signature)


def _verify_cms(desk: Desk, der: bytes, digests: Digests) -> Report:
    trust = desk.hub.seals.seal_trust()
    of_cms = cms_verification.Trust(trust.roots, trust.intermediates, revocations=trust.revoked_certificates)
    return cms_verification.verify(der, digests, of_cms, desk.hub.clock.now())


FORMS: Final = (
    Form("SES_Signature", ES256.name, _make_ses, _ses_apart, _verify_ses),
    Form("SES_Signature", SM2_SM3.name, _make_ses, _ses_apart, _verify_ses),
    Form("CMS", ES256.name, _make_cms, _cms_apart, _verify_cms),
)
