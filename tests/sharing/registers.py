"""What tests of registers share: statements of invented people and companies, fed by their source."""

from datetime import datetime, timedelta
from typing import Any

from hub.access.caller import Caller
from hub.catalogue.registers import NATURAL_PERSON, ORGANISATION
from hub.identities.feeding import Outcome
from hub.identities.service import Answered
from hub.identities.statement import Statement
from tests.catalogue.examples import CHILD, HUSBAND, WIFE
from tests.sharing.world import ISSUER, NOW, World

FEEDER = frozenset({"register:feed"})
COMPANY = "91990104MA9Y00004Q"
COMPANY_NAME = "星河市云帆恒信餐饮有限公司"
YESTERDAY = NOW - timedelta(days=1)


def of_person(row: dict[str, str], as_of: datetime = YESTERDAY, **changes: str | None) -> Statement:
    """Return what a register says of an example's person."""
    return Statement({"number": row["code"], "name": row["name"], "status": "NORMAL", **changes}, as_of)


def of_company(as_of: datetime = YESTERDAY, **changes: str | None) -> Statement:
    """Return what a register says of an invented company."""
    values: dict[str, str | None] = {
        "creditCode": COMPANY, "name": COMPANY_NAME, "kind": "ENTERPRISE", "status": "ACTIVE",
        "legalRepresentative": "李凌欢", "address": "星河市青山区书院巷11号", "scope": "餐饮服务。", **changes,
    }  # fmt: skip
    return Statement(values, as_of)


def feeder(world: World, authority: str = ISSUER) -> Caller:
    """Return a client system that may feed."""
    return world.caller(authority, FEEDER)


def allow(world: World, authority: str = ISSUER, *registers: str) -> None:
    """Make an authority a source of registers."""
    for key in registers or (NATURAL_PERSON, ORGANISATION):
        world.catalogue.allow_feeding(authority, key)
    world.sharing.refresh()


def feed(
    world: World, *statements: Statement, register: str = NATURAL_PERSON, authority: str = ISSUER
) -> list[Answered]:
    """Feed statements."""
    return world.identities.feed(feeder(world, authority), register, statements)


def outcomes(answered: list[Answered]) -> list[Outcome | None]:
    """Return what became of statements; None where one was refused."""
    return [each.fed.outcome if each.fed else None for each in answered]


def fed_family(world: World) -> World:
    """Let the registers know the family and the company."""
    allow(world)
    assert set(outcomes(feed(world, *map(of_person, (HUSBAND, WIFE, CHILD))))) == {Outcome.ADDED}
    assert outcomes(feed(world, of_company(), register=ORGANISATION)) == [Outcome.ADDED]
    return world


def rows_of(world: World) -> list[tuple[Any, ...]]:
    """Return the entries as they lie in the database, without ciphertext."""
    return world.rows("SELECT id, register_key, authority, edition, as_of, handle FROM register_entry ORDER BY id")
