"""Three client systems of the demonstration: one reads for hygiene permits, one issues business licences, one opens restaurants."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from hub.composition import Hub
from hub.demo.city import ITEMS, DemoAuthority, item_code
from hub.demo.people import Organisation
from keys.suites import suite

HYGIENE_BASIS = "《公共场所卫生管理条例》第四条"
REGISTRATION_BASIS = "《市场主体登记管理条例》"
RESTAURANT_BASIS = "《食品经营许可和备案管理办法》第十三条"


@dataclass(frozen=True, slots=True)
class DemoPurpose:
    """The input of `case`, and whether the hub refuses it."""

    input: dict[str, Any]
    refused: bool


@dataclass(frozen=True, slots=True)
class DemoClient:
    """A client system; `private_key` is a PKCS#8 PEM file relative to the demonstration's folder."""

    client_id: str
    kid: str
    authority: str
    scopes: tuple[str, ...]
    private_key: str
    purposes: tuple[DemoPurpose, ...]


@dataclass(frozen=True, slots=True)
class DemoGrant:
    """What an item's authority may read of one type or register, what it may only have checked, and whether changes come to it by themselves."""

    item: str
    type_key: str
    paths: tuple[str, ...]
    roles: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    feed: bool = False


GRANTS = (
    DemoGrant(
        "hygiene", "BusinessLicence", ("number", "holders", "name", "legalRepresentative", "address", "businessScope")
    ),
    DemoGrant("hygiene", "ResidentIdentityCard", ("number", "holders"), ("legalRepresentative",)),
    DemoGrant("hygiene", "FireSafetyInspectionOpinion", ("number", "address", "conclusion")),
    DemoGrant("annual", "BusinessLicence", ("number", "holders", "name", "registeredCapital", "legalRepresentative")),
    DemoGrant("annual", "ResidentIdentityCard", ("number", "holders"), ("legalRepresentative",)),
    DemoGrant(
        "restaurant",
        "BusinessLicence",
        ("number", "holders", "name", "legalRepresentative", "businessScope"),
        checks=("registeredCapital",),
        feed=True,
    ),
    DemoGrant("restaurant", "ResidentIdentityCard", ("number", "holders"), ("representative",)),
    DemoGrant("restaurant", "RealEstateTitle", ("number", "location", "area", "use")),
    DemoGrant("restaurant", "Organisation", ("creditCode", "name", "legalRepresentative", "status")),
)


def make_clients(
    hub: Hub, folder: Path, authorities: dict[str, DemoAuthority], organisations: list[Organisation]
) -> list[DemoClient]:
    """Add the clients and every grant."""
    codes = {item.key: item_code(item, authorities[item.authority]) for item in ITEMS}
    add_grants(hub, authorities, codes)
    (folder / "clients").mkdir(mode=0o700)
    hygiene = (
        purpose(codes["hygiene"], "HYG-2026-0001", organisations[0], HYGIENE_BASIS),
        purpose(codes["hygiene"], "HYG-2026-0002", organisations[1], HYGIENE_BASIS),
        purpose(codes["hygiene-change"], "HYG-2026-0003", organisations[2], HYGIENE_BASIS, refused=True),
        purpose(codes["road"], "HYG-2026-0004", organisations[3], HYGIENE_BASIS, refused=True),
    )
    market = (
        purpose(codes["annual"], "MKT-2026-0001", organisations[4], REGISTRATION_BASIS),
        purpose(codes["company"], "MKT-2026-0002", organisations[5], REGISTRATION_BASIS, refused=True),
    )
    restaurant = (
        purpose(codes["restaurant"], "RST-2026-0001", organisations[0], RESTAURANT_BASIS, role="representative"),
    )
    return [
        make_client(hub, folder, "公共场所卫生许可系统", authorities["disease"], ("licence:read",), hygiene),
        make_client(
            hub,
            folder,
            "市场主体登记系统",
            authorities["market"],
            ("licence:read", "licence:issue", "licence:status"),
            market,
        ),
        make_client(hub, folder, "餐饮店开办系统", authorities["market-990104"], ("licence:read",), restaurant),
    ]


def add_grants(hub: Hub, authorities: dict[str, DemoAuthority], codes: dict[str, str]) -> None:
    """Add every grant, in force for a year."""
    today = hub.settings.calendar.day(hub.clock.now())
    by_item = {item.key: authorities[item.authority].code for item in ITEMS}
    for grant in GRANTS:
        hub.sharing.add_grant(
            by_item[grant.item], codes[grant.item], grant.type_key, grant.paths, roles=grant.roles,
            checks=grant.checks, feed=grant.feed, legal_basis="《政务数据共享条例》", valid_from=today, valid_until=today + timedelta(days=365), approver="演示审批人",
        )  # fmt: skip


def make_client(
    hub: Hub,
    folder: Path,
    name: str,
    authority: DemoAuthority,
    scopes: Sequence[str],
    purposes: tuple[DemoPurpose, ...],
) -> DemoClient:
    """Make a key pair, register its public half, and keep the private one in the demonstration's folder."""
    key = suite("ES256").generate()
    kid = key.public.thumbprint()
    client_id = hub.access.add_client(name, authority.code, scopes, {**key.public.to_jwk(), "kid": kid})
    file = f"clients/{client_id}.pem"
    with os.fdopen(os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(key.to_pkcs8(None))
    return DemoClient(client_id, kid, authority.code, tuple(scopes), file, purposes)


def purpose(
    item: str, case_number: str, organisation: Organisation, basis: str, *, refused: bool = False,
    role: str = "legalRepresentative",
) -> DemoPurpose:  # fmt: skip
    """Return the input of `case` for an organisation with its legal representative as a declared party."""
    party = {"role": role, "codeType": "111", "code": organisation.representative.number}
    return DemoPurpose(
        {
            "serviceItem": item,
            "caseNumber": case_number,
            "applicant": {"codeType": "001", "code": organisation.code},
            "parties": [party],
            "legalBasis": basis,
        },
        refused,
    )
