"""Any steps by any people, in any order: the service does what the glossary says of a seal's life, and nothing else.

The rules stand here a second time, as they are told to people, so that a slip in the service's own table shows.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import RoleMissingError
from hub.access.staff.roles import SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER, Role
from hub.audit.service import Audit
from hub.catalogue.service import Catalogue
from hub.clock import SetClock
from hub.database import Database
from hub.errors import HubError, SealMissingError, SealUnusableError
from hub.seals.refusals import SealExistsError, SealFourEyesError, SealReportedError
from hub.seals.service import Seals
from hub.vault.service import Vault
from keys.store import KeyStore
from keys.store_lid import Cost
from tests.seals.made import person, wish_of
from tests.seals.setting import MARKET, NAME, NOW, URL, Setting

A, P, M = SEAL_APPLICANT, SEAL_APPROVER, SEAL_MAKER
PEOPLE = (
    person("everything", [A, P, M], MARKET), person("applies and makes", [A, M], MARKET), person("approves", [P], None),
    person("makes", [M], None), person("approves and makes", [P, M], MARKET), person("of elsewhere", [A, P, M], "11990200MB00000023"),
)  # fmt: skip
PURPOSES = ("电子证照专用章", "证明专用章", "备案专用章")


@dataclass(frozen=True)
class Rule:
    """From which statuses a step leads where, whose it is, and who must not take it: whoever took one of those before."""

    origins: str
    to: str
    roles: tuple[Role, ...]
    others: tuple[str, ...] = ()


RULES = {
    "APPROVE": Rule("APPLIED", "APPROVED", (P,), ("APPLY",)),
    "REJECT": Rule("APPLIED", "REJECTED", (P,), ("APPLY",)),
    "MAKE": Rule("APPROVED", "MADE", (M,), ("APPLY", "APPROVE")),
    "FILE": Rule("MADE", "ACTIVE", (M, P)),
    "ROTATE": Rule("ACTIVE", "ACTIVE", (M,), ("APPLY", "APPROVE")),
    "SUSPEND": Rule("ACTIVE", "SUSPENDED", (A, P)),
    "RESUME": Rule("SUSPENDED", "ACTIVE", (P,)),
    "REVOKE": Rule("ACTIVE SUSPENDED", "REVOKED", (P,)),
    "REPORT_COMPROMISE": Rule("ACTIVE SUSPENDED", "SUSPENDED", (A, P, M)),
    "CONFIRM_COMPROMISE": Rule("SUSPENDED", "REVOKED", (P,), ("REPORT_COMPROMISE",)),
}


def _holds(staff: Staff, row: Rule) -> bool:
    return any(staff.holds(role, MARKET) for role in row.roles)


ANSWERS = ("RESUME", "CONFIRM_COMPROMISE")
Steps = list[tuple[str, str]]


@dataclass
class Expected:
    """What has to be true of an application and its seal."""

    id: str
    purpose: str
    steps: Steps
    status: str = "APPLIED"
    es_id: str = ""
    keys: int = 0

    def refusal(self, step: str, staff: Staff) -> tuple[type[HubError], ...]:
        """Return with which errors a step has to be refused; none: it has to be taken."""
        row, latest = RULES[step], dict(self.steps)
        wrong: list[type[HubError]] = []
        if not _holds(staff, row):
            wrong.append(RoleMissingError)
        if self.status not in row.origins.split():
            wrong.append(SealUnusableError)
        if any(latest.get(other) == staff.id for other in row.others):
            wrong.append(SealFourEyesError)
        if self.reported and step not in ANSWERS:
            wrong.append(SealReportedError)
        if step == "CONFIRM_COMPROMISE" and not self.reported:
            wrong.append(SealUnusableError)
        return tuple(wrong)

    @property
    def reported(self) -> bool:
        """Tell whether a report of a stolen key waits for its answer."""
        return self.steps[-1][0] == "REPORT_COMPROMISE"


class Life(RuleBasedStateMachine):
    """Applications and seals of one authority, and six people who try everything."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.setting, self.all = setting, list[Expected]()
        changes = setting.changes
        self.acts: dict[str, Callable[[Staff, Expected], object]] = {
            "APPROVE": lambda staff, one: changes.approve(staff, one.id),
            "REJECT": lambda staff, one: changes.reject(staff, one.id, "不予批准"),
            "MAKE": lambda staff, one: changes.make(staff, one.id),
            "FILE": lambda staff, one: changes.file(staff, one.es_id),
            "ROTATE": lambda staff, one: changes.rotate(staff, one.es_id),
            "SUSPEND": lambda staff, one: changes.suspend(staff, one.es_id, "CERTIFICATE_HOLD"),
            "RESUME": lambda staff, one: changes.resume(staff, one.es_id, "UNSPECIFIED"),
            "REVOKE": lambda staff, one: changes.revoke(staff, one.es_id, "CESSATION_OF_OPERATION"),
            "REPORT_COMPROMISE": lambda staff, one: changes.report_compromise(staff, one.es_id),
            "CONFIRM_COMPROMISE": lambda staff, one: changes.confirm_compromise(staff, one.es_id),
        }

    @initialize(hands=st.sampled_from([(0, 2, 3), (1, 0, 4), (1, 4, 0), (0, 4, 1)]))
    def one_is_in_use_and_one_is_approved(self, hands: tuple[int, int, int]) -> None:
        """Three of them have made a seal, so that not every story begins with an application."""
        applicant, approver, maker = (PEOPLE[place] for place in hands)
        self.apply(applicant, PURPOSES[0])
        for step, staff in (("APPROVE", approver), ("MAKE", maker), ("FILE", maker)):
            self._try(self.all[0], step, staff)
        self.apply(applicant, PURPOSES[1])
        self._try(self.all[1], "APPROVE", approver)
        assert [one.status for one in self.all] == ["ACTIVE", "APPROVED"]

    @rule(staff=st.sampled_from(PEOPLE), purpose=st.sampled_from(PURPOSES))
    def apply(self, staff: Staff, purpose: str) -> None:
        """Somebody applies for a seal that the authority may have already."""
        try:
            made = self.setting.changes.apply(staff, wish_of(self.setting, MARKET, purpose))
        except HubError as refused:
            expected = SealExistsError if staff.holds(A, MARKET) else RoleMissingError
            assert isinstance(refused, expected)  # noqa: PT017 - there may be none
            assert self._taken(purpose) or expected is RoleMissingError
        else:
            assert staff.holds(A, MARKET)
            assert not self._taken(purpose)
            self.all.append(Expected(made, purpose, [("APPLY", staff.id)]))

    def _taken(self, purpose: str) -> bool:
        return any(one.purpose == purpose and one.status not in {"REJECTED", "REVOKED"} for one in self.all)

    @precondition(lambda self: self.all)
    @rule(staff=st.sampled_from(PEOPLE), step=st.sampled_from(sorted(RULES)), place=st.integers(0, 9))
    def try_anything(self, staff: Staff, step: str, place: int) -> None:
        """Anybody tries any step on any of them."""
        self._try(self.all[place % len(self.all)], step, staff)

    @precondition(lambda self: self.all)
    @rule(staff=st.sampled_from(PEOPLE[:-1]), choice=st.integers(0, 9), place=st.integers(0, 9))
    def go_on(self, staff: Staff, choice: int, place: int) -> None:
        """Somebody tries a step that the status allows: most of any steps would be refused for that alone."""
        one = self.all[place % len(self.all)]
        fitting = [step for step, row in RULES.items() if one.status in row.origins.split()]
        if fitting:
            self._try(one, fitting[choice % len(fitting)], staff)

    @precondition(lambda self: self.all)
    @rule(who=st.integers(0, 9), place=st.integers(0, 9), choice=st.integers(0, 9))
    def one_who_had_a_hand_in_it_goes_on(self, who: int, place: int, choice: int) -> None:
        """Somebody who took an earlier step tries another for which he has the role: where four eyes are all that refuses."""
        one = self.all[place % len(self.all)]
        name = one.steps[who % len(one.steps)][1]
        staff = next(each for each in PEOPLE if each.id == name)
        fitting = [step for step, row in RULES.items() if one.status in row.origins.split() and _holds(staff, row)]
        if fitting:
            self._try(one, fitting[choice % len(fitting)], staff)

    def _try(self, one: Expected, step: str, staff: Staff) -> None:
        expected = one.refusal(step, staff)
        self.setting.clock.advance(seconds=1)
        if step not in {"APPROVE", "REJECT", "MAKE"} and not one.es_id:
            expected = (SealMissingError,)
        try:
            self.acts[step](staff, one)
        except HubError as refused:
            assert isinstance(refused, expected), (step, staff.id, one, refused)  # noqa: PT017 - there may be none
        else:
            assert expected == (), (step, staff.id, one)
            one.steps.append((step, staff.id))
            one.status = RULES[step].to
            one.keys += step in {"MAKE", "ROTATE"}
            one.es_id = self.setting.office.application(one.id).es_id or ""

    @invariant()
    def history_replays_to_the_status(self) -> None:
        """What was written down is what was done, by different people, and leads to the status that is stored."""
        for one in self.all:
            kept = [(each.step, each.staff) for each in self.setting.office.history(one.id)]
            assert kept == one.steps
            status = "APPLIED"
            for place, (step, who) in enumerate(kept[1:], start=1):
                assert status in RULES[step].origins.split()
                earlier = dict(kept[:place])
                assert who not in {earlier.get(other) for other in RULES[step].others}
                status = RULES[step].to
            stored = self.setting.seals.seal(one.es_id).status if one.es_id else None
            application = self.setting.office.application(one.id).status
            assert status == one.status == (stored or application)

    @invariant()
    def only_an_active_seal_signs_and_with_its_newest_key(self) -> None:
        """Each seal has the keys that were made for it, one of them living; nobody else has one."""
        seals = {each.es_id: each for each in self.setting.seals.seals(MARKET)}
        assert set(seals) == {one.es_id for one in self.all if one.es_id}
        for one in (each for each in self.all if each.es_id):
            seal = seals[one.es_id]
            assert len(seal.signers) == one.keys
            assert [signer.retired_at is None for signer in seal.signers] == [False] * (one.keys - 1) + [True]
            if one.status == "ACTIVE":
                assert self.setting.seals.signer_of(one.es_id)[1] == seal.signers[-1]
            else:
                with pytest.raises(SealUnusableError):
                    self.setting.seals.signer_of(one.es_id)
            assert (seal.revoked_at is not None) == (one.status == "REVOKED")

    @override
    def teardown(self) -> None:
        """Every step is on record, once."""
        told = [act for act in self.setting.acts() if act in RULES or act == "APPLY"]
        assert sorted(told) == sorted(step for one in self.all for step, _ in one.steps)
        self.setting.database.close()


def test_whatever_people_do_a_seal_lives_by_the_rules(migrated_sqlite: Path, tmp_path: Path) -> None:
    places = iter(range(10_000))
    KeyStore.create(tmp_path / "keys", b"made-up passphrase", cost=Cost(1, 1, 8))
    store = KeyStore.open(tmp_path / "keys", b"made-up passphrase")

    def begun() -> Life:
        file = shutil.copy(migrated_sqlite, tmp_path / f"{next(places)}.db")
        database, clock = Database(f"sqlite:///{file}"), SetClock(NOW)
        audit = Audit(database, clock)
        audit.prepare()
        catalogue = Catalogue(database, audit, clock)
        catalogue.add_authority(MARKET, NAME, "Xinghe Market Regulation Bureau", "990100", "CITY")
        vault = Vault(database, store)
        vault.prepare()
        seals = Seals(database, store, clock, public_url=URL)
        seals.refresh()
        return Life(Setting(seals, clock, database, store, vault, audit, catalogue, lambda: seals))

    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    few = settings(
        max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=checks,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shorter story would take minutes
    )  # fmt: skip
    run_state_machine_as_test(begun, settings=few)  # type: ignore[arg-type] # what gives a machine
