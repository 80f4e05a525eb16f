"""What a read on record disclosed: the way from an access record to the value that is confirmed or disputed.

Decides whether a value was seen at all: nothing is confirmed or disputed but what a record says left the hub. It must never tell a record that is not
there from one that belongs to somebody else.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlmodel import Session

from hub.audit.service import Audit
from hub.licences.identifier import LicenceIdentifier
from hub.sharing.facts import EVIDENCE_OF
from hub.sharing.records import Outcome
from hub.sharing.refusals import FieldNotReadError

KIND = "access"


@dataclass(frozen=True, slots=True)
class Seen:
    """A field that a read disclosed: of which licence or register entry (`source`), in which edition, whose word it is.

    `authority` is who read it (None: the holder), `subjects` the handles of the persons whose it is.
    """

    record: str
    at: int
    case: str | None
    authority: str | None
    item: str | None
    type_key: str
    source: str
    version: int
    path: str
    source_authority: str
    subjects: Collection[str]

    @property
    def place(self) -> tuple[str, int, str]:
        """Return which value it is."""
        return self.source, self.version, self.path

    @property
    def by_holder(self) -> "Seen":
        """Return it as the holder's own matter, which belongs to no case."""
        return replace(self, case=None, authority=None)


def seen(audit: Audit, session: Session, record: str, path: str) -> Seen:
    """Return the field that a record says was disclosed.

    Raises:
        FieldNotReadError: there is no such record, or it does not say so.
    """
    facts = audit.find(session, KIND, record)
    if facts is None or facts["outcome"] != Outcome.DISCLOSED or path not in facts["disclosed"] or EVIDENCE_OF in facts:
        raise FieldNotReadError
    entry, licence = facts.get("entry"), facts["licence"]
    source_authority = facts["source"] if entry else LicenceIdentifier.parse(licence).issuer
    return Seen(
        record=record, at=facts["time"], case=facts["case"], authority=facts["authority"], item=facts["item"],
        type_key=facts["type"], source=entry or licence, version=facts["version"], path=path,
        source_authority=source_authority, subjects=facts["subjects"],
    )  # fmt: skip
