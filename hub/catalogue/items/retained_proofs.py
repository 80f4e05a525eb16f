"""The list of retained proofs (证明事项保留清单): the only proofs that an item may ask an applicant for.

Decides which numbers are on the list, each with the law, administrative regulation or State Council decision that it needs (优化营商环境条例 article 44).
It must never hold a proof that rests on anything lower: such a row is refused when the list is read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType

from hub.catalogue.licence_type import Term


class Rank(StrEnum):
    """What a proof may rest on."""

    LAW = "LAW"
    ADMINISTRATIVE_REGULATION = "ADMINISTRATIVE_REGULATION"
    STATE_COUNCIL_DECISION = "STATE_COUNCIL_DECISION"


@dataclass(frozen=True, slots=True)
class RetainedProof:
    """One row: what the proof is and for, who asks for it, who issues it, and why nothing else does."""

    number: str
    name: Term
    purpose: Term
    law: str
    article: str
    rank: Rank
    grade: str
    asked_by: str
    issued_by: str
    kept_because: str


@cache
def retained_proofs() -> Mapping[str, RetainedProof]:
    """Return the list by number; raises ValueError for a row that rests on anything lower."""
    rows = json.loads((resources.files("hub.catalogue.items") / "retained_proofs.json").read_text("utf-8"))
    return MappingProxyType({row["number"]: _row(row) for row in rows})


def _row(row: Mapping[str, str]) -> RetainedProof:
    return RetainedProof(
        number=row["number"],
        name=Term(row["nameZh"], row["nameEn"]),
        purpose=Term(row["purposeZh"], row["purposeEn"]),
        law=row["law"],
        article=row["article"],
        rank=Rank(row["rank"]),
        grade=row["grade"],
        asked_by=row["askedBy"],
        issued_by=row["issuedBy"],
        kept_because=row["keptBecause"],
    )
