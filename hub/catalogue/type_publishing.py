"""Publishing licence types: version after version, retired and revived, under this deployment's codes.

Decides whether a document may be a type's next version. It must never change a published version, nor invent a type code. GB/T 36902 (catalogue),
GB/T 36904 (type codes).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from sqlmodel import Session, col, select, update

from hub.catalogue import model
from hub.catalogue.changing import Allows, Changing, by_command
from hub.catalogue.codes import check_type_code
from hub.catalogue.faults import Fault, Term, told
from hub.catalogue.generation import Generation
from hub.catalogue.licence_type import LicenceType, compatible, parse
from hub.catalogue.registers import REGISTERS
from hub.clock import Clock, to_micros
from hub.errors import AlreadyExistsError, LicenceTypeError, TypeUnknownError, VersionConflictError

Document = Mapping[str, Any]
CODE_TAKEN = "Another licence type has this code."


class TypePublishing:
    """Changes the licence types of a catalogue."""

    def __init__(self, changing: Changing, clock: Clock, current: Callable[[], Generation]) -> None:
        """`current` gives the catalogue's state."""
        self._changing = changing
        self._clock = clock
        self._current = current

    def publish(self, documents: Sequence[Document], by: Allows = by_command) -> list[LicenceType]:
        """Publish all or nothing: one change of the epoch and of the schema. Raises as Catalogue.publish, and what `by` raises."""
        types, now = [parse(document) for document in documents], to_micros(self._clock.now())
        with self._changing.open(by) as change:
            for licence_type, document in zip(types, documents, strict=True):
                if _is_next(change.session, licence_type, document):
                    self._require_free(licence_type.key, licence_type.type_code)
                    change.session.add(_published(licence_type, document, now))
                    change.record("PUBLISH_TYPE", type=licence_type.key, version=licence_type.version)
        return types

    def retire(self, key: str, by: Allows = by_command) -> None:
        """End a type; raises as Catalogue.retire."""
        with self._changing.open(by) as change:
            in_force = (col(model.PublishedType.key) == key, col(model.PublishedType.retired_at).is_(None))
            now = to_micros(self._clock.now())
            if not change.session.exec(update(model.PublishedType).where(*in_force).values(retired_at=now)).rowcount:
                raise TypeUnknownError
            change.record("RETIRE_TYPE", type=key)

    def set_code(
        self, key: str, code: str, by: Allows = by_command, *, synthetic: bool, seen: str | None = None
    ) -> None:
        """Set a type's code; raises as Catalogue.set_type_code. With `seen`, VersionConflictError where another code ("": none) is set."""
        check_type_code(code)
        self._require_free(key, code)
        with self._changing.open(by, CODE_TAKEN) as change:
            row = change.session.get(model.TypeCode, key)
            if seen is not None and seen != (row.code if row else ""):
                raise VersionConflictError("Somebody else set this code meanwhile; look at it and decide anew.")
            change.session.merge(model.TypeCode(type_key=key, code=code, synthetic=synthetic))
            change.record("SET_TYPE_CODE", type=key, code=code, synthetic=synthetic)

    def _require_free(self, key: str, code: str | None) -> None:
        if has_code(self._current(), key, code):
            raise AlreadyExistsError(CODE_TAKEN)


def has_code(current: Generation, key: str, code: str | None) -> bool:
    """Tell whether another type than this one is issued under a code."""
    return code is not None and any(current.code_of(other) == code for other in current.types if other != key)


def misfits(published: Sequence[LicenceType], candidate: LicenceType) -> tuple[Fault, ...]:
    """Return why a type may not follow what is published of it; empty when it may."""
    if candidate.key in REGISTERS:
        zh = "这是基础库的关键字，请另取"
        return (Fault("/key", "/key", Term(zh, "this is the key of a register; give the type another one.")),)
    following = published[-1].version + 1 if published else 1
    if candidate.version != following:
        en = f"the next version to publish is {following}."
        return (Fault("/version", "/version", Term(f"下一个版本号应为 {following}", en)),)
    # A field that was gone for a while comes back as the kind it was.
    found = (fault for version in published for fault in compatible(version, candidate))
    return tuple(dict.fromkeys(found))


def _is_next(session: Session, licence_type: LicenceType, document: Document) -> bool:
    statement = select(model.PublishedType).where(model.PublishedType.key == licence_type.key)
    rows = session.exec(statement.order_by(col(model.PublishedType.version))).all()
    known: dict[int, Any] = {row.version: json.loads(row.document) for row in rows}
    same = known.get(licence_type.version)
    if same is not None:
        if same != document:
            name = f"{licence_type.key}: version {licence_type.version}"
            raise LicenceTypeError(f"{name} is published and never changes; raise it.")
        return False
    if faults := misfits([parse(each) for each in known.values()], licence_type):
        raise LicenceTypeError(f"{licence_type.key}: {told(faults)}")
    return True


def _published(licence_type: LicenceType, document: Document, now: int) -> model.PublishedType:
    return model.PublishedType(
        key=licence_type.key, version=licence_type.version, document=orjson.dumps(document).decode(), published_at=now
    )
