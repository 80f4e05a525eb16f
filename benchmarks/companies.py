"""Invented companies of region 99, any number of them, each made from its place alone: the same on every machine.

A million business licences are imported from these and looked up again without a list of them in memory.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from hub.demo.codes import credit_code
from hub.demo.people import FANCY, GIVEN, STREETS, SURNAMES, TRADES
from hub.licences.draft import Draft, Holder

TYPE = "BusinessLicence"
LAW = "《市场主体登记管理条例》"
WORDS = {"$legalBasis": LAW, "$reason": "存量证照入库"}
_FIRST_DAY = date(2021, 1, 4)
_DAYS = 1800
_SCOPE = "许可项目：{0}服务；食品销售。一般项目：日用品销售；{0}技术咨询；会议及展览服务；货物进出口。"


@dataclass(frozen=True, slots=True)
class Company:
    """A company that does not exist, and its business licence. `code` is credit code and licence number."""

    code: str
    name: str
    issued_on: date
    data: dict[str, Any]


def company(place: int) -> Company:
    """Return the company of a place, 0 to 99,999,999."""
    dice = Random(place)  # noqa: S311 - the same invented companies everywhere
    trade = TRADES[place % len(TRADES)]
    issued_on = _FIRST_DAY + timedelta(days=dice.randrange(_DAYS))
    name = f"星河市{dice.choice(FANCY)}{dice.choice(FANCY)}{trade}{place}号有限公司"
    return Company(credit_code("91", "990102", f"{place:08d}"), name, issued_on, _face(dice, name, trade, issued_on))


def _face(dice: Random, name: str, trade: str, day: date) -> dict[str, Any]:
    return {
        "name": name, "enterpriseType": "有限责任公司（自然人投资或控股）", "enterpriseTypeCode": "1130",
        "legalRepresentative": dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, 2)), "roleLabel": "法定代表人",
        "registeredCapital": f"{dice.randint(10, 5000)}万元人民币", "establishedOn": day.isoformat(),
        "address": f"星河市望江区{dice.choice(STREETS)}{dice.randint(1, 299)}号", "addressLabel": "住所",
        "businessScope": _SCOPE.format(trade), "sheetNumber": "".join(dice.choices("0123456789", k=14)),
    }  # fmt: skip


def row(place: int) -> dict[str, Any]:
    """Return a company's business licence as a row of a file: columns are named as the fields are."""
    made = company(place)
    holder = {"holders[0].codeType": "001", "holders[0].code": made.code, "holders[0].name": made.name}
    return {"number": made.code, **holder, "issuedOn": made.issued_on.isoformat(), **made.data}


def draft(place: int) -> Draft:
    """Return the draft of a company's business licence."""
    made = company(place)
    holders = (Holder("001", made.code, made.name),)
    return Draft(TYPE, made.code, holders, made.issued_on, made.issued_on, None, made.data, *WORDS.values())
