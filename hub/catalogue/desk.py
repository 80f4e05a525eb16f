"""The desk where staff change the catalogue: catalogue stewards of the whole hub, or of one authority.

Decides who. A steward of one authority keeps what is that authority's alone: next versions of the types that nobody else issues, and the items it handles.
New types are the hub's stewards' (a key is a name in GraphQL for ever), and so are types that several issue, codes, authorities and rights. It is asked
inside the unit of work, by the rights as they are there. The command line asks for no role: whoever runs it holds the key store.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import Session, select

from hub.access.staff.caller import Staff
from hub.access.staff.refusals import SessionInvalidError
from hub.access.staff.roles import CATALOGUE_STEWARD
from hub.catalogue import model
from hub.catalogue.bodies import Bodies
from hub.catalogue.changing import Allows
from hub.catalogue.codes import holds_citizen_number
from hub.catalogue.generation import Authority, Generation, ServiceItem
from hub.catalogue.items.item_document import ItemDocument
from hub.catalogue.items.publishing import ItemDocuments
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.type_publishing import TypePublishing
from hub.errors import InputInvalidError

LONGEST_REASON: Final = 500
LONGEST_BASIS: Final = 200
Whose = Callable[[Session], str | None]
"""Returns, inside the unit of work, whose steward may do it: an authority's, or (None) the whole hub's."""


Current = Callable[[Session, Staff], Staff]
"""Returns a person of staff as he is now, held until the unit of work ends; raises SessionInvalidError."""


def nobody(session: Session, staff: Staff) -> Staff:
    """Refuse everybody, where nobody of staff is known."""
    del session, staff
    raise SessionInvalidError


@dataclass(frozen=True, slots=True)
class Why:
    """Why a steward changes something, for the record: his reason and the legal basis, without a citizen number."""

    reason: str
    legal_basis: str


class CatalogueDesk:
    """What staff do to the catalogue. Every act names who did it and why in its record, and advances the policy epoch in the same commit.

    All raise SessionInvalidError and RoleMissingError (he may not), InputInvalidError (the words do not do), and what Catalogue raises.
    """

    def __init__(
        self, publishing: TypePublishing, bodies: Bodies, documents: ItemDocuments, catalogue: Callable[[], Generation], *,
        current: Current,
    ) -> None:  # fmt: skip
        """`catalogue` gives its state, `current` returns a person as he is now."""
        self._publishing = publishing
        self._bodies = bodies
        self._documents = documents
        self._catalogue = catalogue
        self._current = current

    # -- licence types -----------------------------------------------------------------------------------------------

    def publish_type(self, staff: Staff, document: Mapping[str, Any], why: Why) -> LicenceType:
        """Publish a new type, or the next version of one; raises LicenceTypeError too, for a version that somebody else has published.

        A code that its document sets is the hub's stewards' to set, as all codes are.
        """
        whose = _hub if self._sets_code(document) else _of_type(str(document.get("key")))
        (published,) = self._publishing.publish([document], self._allowing(staff, why, whose))
        return published

    def retire_type(self, staff: Staff, key: str, why: Why) -> None:
        """End a type; its licences stay."""
        self._publishing.retire(key, self._allowing(staff, why, _of_type(key)))

    def set_type_code(self, staff: Staff, key: str, code: str, why: Why, *, seen: str) -> None:
        """Set a type's 21-character code; VersionConflictError where it is not the one `seen` ("": none) any more."""
        self._publishing.set_code(key, code, self._allowing(staff, why, _hub), synthetic=False, seen=seen)

    # -- authorities and rights --------------------------------------------------------------------------------------

    def add_authority(self, staff: Staff, added: Authority, why: Why) -> Authority:
        """Add a government body."""
        return self._bodies.add_authority(added, self._allowing(staff, why, _hub))

    def change_authority(self, staff: Staff, seen: Authority, changed: Authority, why: Why) -> Authority:
        """Change what a body is called and where it belongs; raises VersionConflictError where it is not as `seen` any more."""
        return self._bodies.change_authority(seen, changed, self._allowing(staff, why, _hub))

    def allow_issuing(self, staff: Staff, authority: str, type_key: str, why: Why) -> None:
        """Let an authority issue a type."""
        right = self._bodies.issuing_right(authority, type_key)
        self._bodies.allow(right, self._allowing(staff, why, _hub))

    def end_issuing(self, staff: Staff, authority: str, type_key: str, why: Why) -> None:
        """Let an authority issue a type no more; what it issued stays."""
        right = model.IssuingRight(authority=authority, type_key=type_key)  # of a retired type, too
        self._bodies.end(right, self._allowing(staff, why, _hub))

    def allow_feeding(self, staff: Staff, authority: str, register: str, why: Why) -> None:
        """Make an authority a source of a register."""
        right = self._bodies.feeding_right(authority, register)
        self._bodies.allow(right, self._allowing(staff, why, _hub))

    def end_feeding(self, staff: Staff, authority: str, register: str, why: Why) -> None:
        """Let an authority feed a register no more; what it said stays."""
        right = self._bodies.feeding_right(authority, register)
        self._bodies.end(right, self._allowing(staff, why, _hub))

    # -- service items -----------------------------------------------------------------------------------------------

    def add_item(self, staff: Staff, added: ServiceItem, why: Why) -> ServiceItem:
        """Add a service item to the authority that handles it."""
        return self._bodies.add_item(added, self._allowing(staff, why, lambda _: added.authority))

    def rename_item(self, staff: Staff, seen: ServiceItem, name_zh: str, name_en: str, why: Why) -> ServiceItem:
        """Change what a service item is called."""
        return self._bodies.rename_item(seen, name_zh, name_en, self._allowing(staff, why, _of_item(seen.code)))

    def publish_item(self, staff: Staff, item: str, document: Mapping[str, Any], why: Why) -> ItemDocument:
        """Publish the next version of an item's document; raises ItemDocumentError too, for a version that somebody else has published."""
        return self._documents.publish(item, document, self._allowing(staff, why, _of_item(item)))

    # -- who may -----------------------------------------------------------------------------------------------------

    def keeper_of(self, type_key: str) -> str | None:
        """Return whose steward keeps a type as things are: the only authority that issues it; None: the whole hub's."""
        return _only(authority for authority, key in self._catalogue().issuing_rights if key == type_key)

    def publisher_of(self, document: Mapping[str, Any]) -> str | None:
        """Return whose steward may publish a document as things are; None: the whole hub's."""
        return None if self._sets_code(document) else self.keeper_of(str(document.get("key")))

    def _sets_code(self, document: Mapping[str, Any]) -> bool:
        """Tell whether a document sets a type code: that of a new type, or another one than before."""
        versions = self._catalogue().types.get(str(document.get("key")))
        return document.get("typeCode") != (versions[-1].type_code if versions else None)

    def keeps_type(self, staff: Staff, type_key: str) -> bool:
        """Tell whether he may publish and retire a type, as things are."""
        return staff.holds(CATALOGUE_STEWARD, self.keeper_of(type_key))

    def _allowing(self, staff: Staff, why: Why, whose: Whose) -> Allows:
        words = {"reason": _words(why.reason, LONGEST_REASON), "legal_basis": _words(why.legal_basis, LONGEST_BASIS)}

        def allows(session: Session) -> Mapping[str, str]:
            acting = self._current(session, staff)
            acting.require(CATALOGUE_STEWARD, whose(session))
            return {"staff": acting.id, **words}

        return allows


def _hub(session: Session) -> None:
    del session


def _of_type(key: str) -> Whose:
    rows = select(model.IssuingRight.authority).where(model.IssuingRight.type_key == key)
    return lambda session: _only(session.exec(rows))


def _of_item(code: str) -> Whose:
    rows = select(model.ServiceItem.authority).where(model.ServiceItem.code == code)
    return lambda session: session.exec(rows).first()


def _only(found: Any) -> str | None:
    some = tuple(found)
    return some[0] if len(some) == 1 else None


def _words(text: str, longest: int) -> str:
    trimmed = " ".join(text.split())
    if not trimmed or len(trimmed) > longest or not trimmed.isprintable() or holds_citizen_number(trimmed):
        raise InputInvalidError(
            f"A reason has 1 to {LONGEST_REASON} characters, a legal basis 1 to {LONGEST_BASIS}; no citizen number."
        )
    return trimmed
