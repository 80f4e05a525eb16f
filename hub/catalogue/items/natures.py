"""What kinds of material there are, and which of them the law keeps from commitments (告知承诺) and deferrals (容缺受理).

Decides by two tables, one row a rule, each with the reason that is told. It must never decide by a material's name. Sources: 国办发〔2020〕42号 (what a
commitment is not for), 契税法 article 11, and the hub's own rule for what an office needs on the day: who asks, for whom, and the decisive permit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Nature(StrEnum):
    """What a material is."""

    FORM = "FORM"
    IDENTITY = "IDENTITY"
    AUTHORISATION = "AUTHORISATION"
    STATEMENT = "STATEMENT"
    CERTIFICATE = "CERTIFICATE"
    PERMIT = "PERMIT"
    PROOF = "PROOF"
    TAX = "TAX"
    REPORT = "REPORT"
    PLAN = "PLAN"
    CONTRACT = "CONTRACT"


class Sector(StrEnum):
    """What an item touches; all but ORDINARY are kept from commitments by 国办发〔2020〕42号."""

    ORDINARY = "ORDINARY"
    NATIONAL_SECURITY = "NATIONAL_SECURITY"
    PUBLIC_SECURITY = "PUBLIC_SECURITY"
    FINANCE = "FINANCE"
    ENVIRONMENT = "ENVIRONMENT"
    LIFE_AND_HEALTH = "LIFE_AND_HEALTH"
    FOREIGN_AFFAIRS = "FOREIGN_AFFAIRS"


@dataclass(frozen=True, slots=True)
class Kept:
    """Why a nature is kept from commitments, and why from deferrals; None: it is not."""

    commitment: str | None = None
    deferral: str | None = None


_ON_THE_DAY = "what decides who asks, or whether at all, is there on the day (rule of the hub)"

NATURES: Final[Mapping[Nature, Kept]] = MappingProxyType(
    {
        Nature.FORM: Kept("an application is made, not promised", "an application begins the case"),
        Nature.IDENTITY: Kept(_ON_THE_DAY, _ON_THE_DAY),
        Nature.AUTHORISATION: Kept(_ON_THE_DAY, _ON_THE_DAY),
        Nature.STATEMENT: Kept("it is a statutory declaration itself", "it is signed when the case begins"),
        Nature.CERTIFICATE: Kept(),
        Nature.PERMIT: Kept(_ON_THE_DAY, _ON_THE_DAY),
        Nature.PROOF: Kept(),
        Nature.TAX: Kept(
            "契税法 article 11: unpaid tax stops the registration", "契税法 article 11: the tax is paid before"
        ),
        Nature.REPORT: Kept(),
        Nature.PLAN: Kept(),
        Nature.CONTRACT: Kept(),
    }
)

SECTORS: Final[Mapping[Sector, str | None]] = MappingProxyType(
    {
        sector: None if sector is Sector.ORDINARY else "国办发〔2020〕42号 keeps commitments from such items"
        for sector in Sector
    }
)
