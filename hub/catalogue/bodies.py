"""Government bodies, what they handle, and what each may issue or feed.

Decides what a body and a service item are called and known by: credit code (GB 32100), division code, the item's own code. It must never change
a code: everything sealed and recorded names it.
"""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TypeAlias

from sqlmodel import Session, SQLModel

from hub.catalogue import model
from hub.catalogue.changing import Allows, Changing, by_command
from hub.catalogue.codes import check_credit_code, check_division_code
from hub.catalogue.generation import Authority, Generation, ServiceItem
from hub.catalogue.registers import REGISTERS
from hub.errors import (
    AlreadyExistsError,
    AuthorityUnknownError,
    InputInvalidError,
    ItemUnknownError,
    NotFoundError,
    TypeUnknownError,
    VersionConflictError,
)

Right: TypeAlias = model.IssuingRight | model.FeedingRight
LONGEST_NAME = 200
LONGEST_ITEM_CODE = 50
_CHANGED = "Somebody else changed it meanwhile; look at it and decide anew."


class Bodies:
    """Changes authorities, service items and rights of a catalogue."""

    def __init__(self, changing: Changing, current: Callable[[], Generation]) -> None:
        """`current` gives the catalogue's state."""
        self._changing = changing
        self._current = current

    # -- authorities -------------------------------------------------------------------------------------------------

    def add_authority(self, added: Authority, by: Allows = by_command) -> Authority:
        """Add a body; raises as Catalogue.add_authority."""
        check_credit_code(added.code)
        self._check(added)
        known = self._current().authorities.get(added.code)
        self._add(added, known, "ADD_AUTHORITY", "authority", model.Authority(**asdict(added)), by)
        return added

    def change_authority(self, seen: Authority, changed: Authority, by: Allows = by_command) -> Authority:
        """Change what a body is called, where it belongs and its level; its code stays. What is so already changes nothing.

        Raises:
            AuthorityUnknownError: no such body.
            CodeError, InputInvalidError, AuthorityUnknownError: as add_authority; a body that would stand under itself.
            VersionConflictError: it is not as it was `seen` any more.
        """
        self._check(changed)
        with self._changing.open(by) as change:
            row = change.session.get(model.Authority, changed.code)
            if row is None:
                raise AuthorityUnknownError
            if row.model_dump() != asdict(seen):
                raise VersionConflictError(_CHANGED)
            self._require_no_circle(change.session, changed)
            if changed != seen:
                row.sqlmodel_update(asdict(changed))
                change.session.add(row)
                change.record("CHANGE_AUTHORITY", authority=changed.code)
        return changed

    def _check(self, body: Authority) -> None:
        check_division_code(body.division)
        if body.parent is not None:
            self._known(body.parent)
        check_name(body.name_zh)
        check_name(body.name_en)

    @staticmethod
    def _require_no_circle(session: Session, body: Authority) -> None:
        above = body.parent
        while above is not None:
            if above == body.code:
                raise InputInvalidError("An authority does not stand under itself; choose another parent.")
            row = session.get(model.Authority, above)
            above = row.parent if row else None

    # -- service items -----------------------------------------------------------------------------------------------

    def add_item(self, added: ServiceItem, by: Allows = by_command) -> ServiceItem:
        """Add a service item; raises as Catalogue.add_item."""
        if not added.code.isascii() or not added.code.isalnum() or len(added.code) > LONGEST_ITEM_CODE:
            raise InputInvalidError(
                f"The code of a service item has 1 to {LONGEST_ITEM_CODE} ASCII letters and digits."
            )
        self._known(added.authority)
        check_name(added.name_zh)
        check_name(added.name_en)
        known = self._current().items.get(added.code)
        self._add(added, known, "ADD_ITEM", "item", model.ServiceItem(**asdict(added)), by)
        return added

    def rename_item(self, seen: ServiceItem, name_zh: str, name_en: str, by: Allows = by_command) -> ServiceItem:
        """Change what a service item is called; raises ItemUnknownError, InputInvalidError, VersionConflictError."""
        changed = replace(seen, name_zh=check_name(name_zh), name_en=check_name(name_en))
        with self._changing.open(by) as change:
            row = change.session.get(model.ServiceItem, seen.code)
            if row is None:
                raise ItemUnknownError
            if row.model_dump() != asdict(seen):
                raise VersionConflictError(_CHANGED)
            if changed != seen:
                row.sqlmodel_update(asdict(changed))
                change.session.add(row)
                change.record("RENAME_ITEM", item=seen.code)
        return changed

    # -- rights ------------------------------------------------------------------------------------------------------

    def issuing_right(self, authority: str, type_key: str) -> model.IssuingRight:
        """Return the right of an authority to issue a type in force, given or not; raises AuthorityUnknownError, TypeUnknownError."""
        current = self._current()
        if type_key not in current.types or type_key in current.retired:
            raise TypeUnknownError
        return model.IssuingRight(authority=self._known(authority), type_key=type_key)

    def feeding_right(self, authority: str, register: str) -> model.FeedingRight:
        """Return the right of an authority to feed a register, given or not; raises AuthorityUnknownError, TypeUnknownError."""
        if register not in REGISTERS:
            raise TypeUnknownError("There is no such register.")
        return model.FeedingRight(authority=self._known(authority), register_key=register)

    def allow(self, right: Right, by: Allows = by_command) -> None:
        """Give a right; again changes nothing."""
        act, key, facts = _told(right)
        with self._changing.open(by) as change:
            if change.session.get(type(right), key) is None:
                change.session.add(right)
                change.record(f"ALLOW_{act}", **facts)

    def end(self, right: Right, by: Allows = by_command) -> None:
        """Take a right; raises NotFoundError: there is no such right."""
        act, key, facts = _told(right)
        with self._changing.open(by) as change:
            row = change.session.get(type(right), key)
            if row is None:
                raise NotFoundError("This authority has no such right.")
            change.session.delete(row)
            change.record(f"END_{act}", **facts)

    def _known(self, authority: str) -> str:
        if authority not in self._current().authorities:
            raise AuthorityUnknownError
        return authority

    def _add(
        self, added: Authority | ServiceItem, known: Authority | ServiceItem | None, act: str, what: str, row: SQLModel, by: Allows
    ) -> None:  # fmt: skip
        if added == known:
            return
        taken = f"The code of this {what} is taken."
        if known is not None:
            raise AlreadyExistsError(taken)
        with self._changing.open(by, taken) as change:
            change.session.add(row)
            change.record(act, **{what: added.code})


def _told(right: Right) -> tuple[str, tuple[str, str], dict[str, str]]:
    if isinstance(right, model.IssuingRight):
        facts = {"authority": right.authority, "type": right.type_key}
        return "ISSUING", (right.authority, right.type_key), facts
    return (
        "FEEDING",
        (right.authority, right.register_key),
        {"authority": right.authority, "register": right.register_key},
    )


def check_name(text: str) -> str:
    """Return a name that may be; raises InputInvalidError."""
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise InputInvalidError(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return text
