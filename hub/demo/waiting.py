"""What waits on desks of the demonstration when its staff sign in: an application for a seal, a demand for data, and how many licences each authority ought to have."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Final

from hub.access.staff.caller import Staff
from hub.composition import Hub
from hub.demo.city import DemoAuthority
from hub.licences.status import Status
from hub.seals.kinds import Kind
from hub.seals.office import Wish
from hub.seals.pictures.purposes import PURPOSES
from hub.sharing.demands.demand import DemandWish

SCENE: Final = "受理食品经营许可时核对经营场所的权属，不再要求申请人提交不动产权证书复印件"
BASIS: Final = "《食品经营许可和备案管理办法》第十三条"
TERM: Final = timedelta(days=730)
SOURCE: Final = "星河市政务数据目录（虚构）"
GATHERED: Final = (0.62, 1.0)
"""Which part of the licences that there ought to be an authority has brought in, at least and at most."""


def leave_work(hub: Hub, staff: Mapping[str, Staff], authorities: Mapping[str, DemoAuthority], item: str) -> None:
    """Let staff, by their logins, begin what others finish; `item` is the service item that needs data of another authority."""
    market, district = authorities["market"], authorities["market-990104"]
    seal = f"{market.name_zh}{PURPOSES['ADMINISTRATIVE_APPROVAL'].suffix}"
    hub.seal_office.changes.apply(
        staff["applicant"], Wish(market.code, Kind.SPECIAL, seal, "行政审批事项集中办理，需在决定书上用印")
    )
    today = hub.settings.calendar.day(hub.clock.now())
    hub.sharing.demands.file(
        staff["sharing"],
        DemandWish(
            district.code, item, "RealEstateTitle", ("location", "use", "owners.name"), BASIS, SCENE, today,
            today + TERM,
        ),
    )  # fmt: skip
    expect(hub, staff["catalogue"])


def expect(hub: Hub, steward: Staff) -> None:
    """Take down how many licences of each type each authority ought to have: a little more than there are."""
    random, today = Random(7), hub.settings.calendar.day(hub.clock.now())  # noqa: S311 - the same city for everybody
    kept: Counter[tuple[str, str]] = Counter()
    for each, number in hub.licences.counts().items():
        kept[each.authority, each.type_key] += number if each.status == Status.VALID else 0
    for (authority, key), number in sorted(kept.items()):
        hub.supervision.expect(steward, authority, key, round(number / random.uniform(*GATHERED)), today, SOURCE)
