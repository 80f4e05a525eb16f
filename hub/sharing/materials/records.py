"""Records of materials: what was judged of a case, and what became of commitments and deferrals.

Decides the facts. It must never hold a name, a number or a word of the applicant's: a case is its id, a person his handle, a text its digest.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from hub.audit.service import Entry
from hub.sharing.materials.results import Result
from hub.sharing.model import MaterialPromise
from hub.sharing.reading import OpenCase

OFFERED: Final[Mapping[str, Result]] = {"COMMITMENT": Result.COMMITMENT_ALLOWED, "DEFERRAL": Result.DEFERRABLE}
"""What a promise of a kind stands for."""

KIND: Final = "material"
Judgement = tuple[str, str, str | None]
"""A material's key, its result, and the type of the licence that exempts it."""


def judged_entry(case: OpenCase, materials: Iterable[Judgement]) -> Entry:
    """Return the record of an evaluation."""
    applicant = case.record.applicant
    facts = {
        "operation": "JUDGED", "case": case.id, "authority": case.caller.authority, "client": case.caller.client_id,
        "item": case.item, "materials": [list(each) for each in materials], "legal_basis": case.legal_basis,
        "subjects": [applicant.handle] if applicant else [],
    }  # fmt: skip
    return Entry(KIND, facts)


def promise_entry(operation: str, row: MaterialPromise, client: str) -> Entry:
    """Return the record of a commitment or deferral that was made (COMMITTED, DEFERRED), or of what became of it."""
    facts = {
        "operation": operation, "case": row.case_id, "authority": row.authority, "client": client, "item": row.item,
        "materials": [[row.material, OFFERED[row.kind], None]], "promise": row.id, "version": row.item_version,
        "digest": row.digest, "deadline": row.deadline, "subjects": [row.handle],
    }  # fmt: skip
    return Entry(KIND, facts)
