"""Uses of seals on record: who used which for which document and why, and since when the hub knows a signature.

A record bears the beginning of the signature value's digest as its id. So one signature is one use, however often it is handed out; and
a signature whose record is older than a theft of its key is not the thief's, who can date back but cannot write here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, Final

from sqlmodel import Session

from hub.audit.service import Audit, Entry
from hub.clock import from_micros
from hub.database import Database

KIND: Final = "seal"
USE: Final = "USE"
_ID: Final = 32  # hex digits, as every record's
_LOOKED_AT: Final = 2_000  # records, so that a page does not read them all


@dataclass(frozen=True, slots=True)
class Use:
    """A use on record: when, by whom (`staff` an account, `client` a client system; a holder is neither), in which form, of which licence, and why."""

    record: str
    at: int
    form: str
    staff: str
    client: str
    licence: str
    reason: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Use":
        """Return what a record says."""
        told = (str(facts.get(name) or "") for name in ("form", "staff", "client", "licence", "reason"))
        return cls(facts["id"], facts["time"], *told)


def use_id(value: bytes) -> str:
    """Return the id of the record of the use that made a signature value."""
    return sha256(value).hexdigest()[:_ID]


class Uses:
    """Records uses of seals, and finds them again."""

    def __init__(self, database: Database, audit: Audit) -> None:
        """Records are kept by `audit`."""
        self._database = database
        self._audit = audit

    def record(self, session: Session, value: bytes, facts: Mapping[str, Any]) -> None:
        """Record the use that made a signature value, within a unit of work; once for all times that it is handed out."""
        digest = sha256(value).hexdigest()
        self._database.lock(session, bytes.fromhex(digest))
        if self._found(session, digest) is None:
            self._audit.append(session, Entry(KIND, {"operation": USE, "value": digest, **facts}, digest[:_ID]))

    def latest(self, es_id: str, most: int) -> tuple[Use, ...]:
        """Return the latest uses of a seal beside licences, the newest first, as far as the newest records about seals tell of them."""
        with self._database.snapshot() as session:
            found = self._audit.latest(session, KIND, _LOOKED_AT)
        used = (each for each in found if each.get("operation") == USE and each.get("seal") == es_id)
        return tuple(Use.of(each) for each in islice(used, most))

    def existed_at(self, value: bytes) -> datetime | None:
        """Return when a signature value was put on record here; None if it never was."""
        with self._database.snapshot() as session:
            facts = self._found(session, sha256(value).hexdigest())
        return None if facts is None else from_micros(facts["time"])

    def _found(self, session: Session, digest: str) -> Mapping[str, Any] | None:
        facts = self._audit.find(session, KIND, digest[:_ID])
        return facts if facts is not None and facts.get("value") == digest else None
