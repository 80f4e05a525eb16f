"""The catalogue: authorities, licence types with their codes and issuers, service items, facts of the deployment.

Decides what may be published, and who may issue what. A published version never changes; a type code is never
invented. Every change is recorded and advances the policy epoch in its own transaction, so that no process goes on
under an older catalogue. GB/T 36902 (catalogue), GB/T 36904 (type codes).
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select, update

from hub.audit.service import Audit, Entry
from hub.catalogue import model
from hub.catalogue.codes import check_credit_code, check_division_code, check_type_code
from hub.catalogue.generation import (
    EMPTY,
    Act,
    Authority,
    Generation,
    Level,
    PublishedItem,
    ServiceItem,
    TypeChange,
    read_generation,
)
from hub.catalogue.items.publishing import ItemDocuments
from hub.catalogue.licence_type import LicenceType, compatible, parse, shipped_documents
from hub.catalogue.registers import REGISTERS, Register, Source
from hub.catalogue.working_days import SHIPPED, WorkingDays
from hub.clock import Clock, to_micros
from hub.database import Database
from hub.errors import (
    AlreadyExistsError,
    AuthorityUnknownError,
    InputInvalidError,
    ItemUnknownError,
    LicenceTypeError,
    NotFoundError,
    SettingsError,
    TypeCodeMissingError,
    TypeUnknownError,
)

LOCK = b"catalogu"
LONGEST_NAME = 200
LONGEST_ITEM_CODE = 50

__all__ = ["Act", "Authority", "Catalogue", "Generation", "Level", "PublishedItem", "ServiceItem", "TypeChange"]


class Catalogue:
    """Holds the current generation and changes the catalogue. `refresh` comes before the first use."""

    def __init__(self, database: Database, audit: Audit, clock: Clock, *, working_days: WorkingDays = SHIPPED) -> None:
        """Use the database's transactions, the audit's records and the clock's time; `working_days` is the deployment's calendar."""
        self.working_days = working_days
        self._database = database
        self._audit = audit
        self._clock = clock
        self._refreshing = threading.Lock()
        self.current: Generation = EMPTY
        self.documents = ItemDocuments(self._change, self._record, clock, lambda: self.current)

    def refresh(self) -> None:
        """Read the catalogue again; another process may have changed it."""
        with self._refreshing, self._database.snapshot() as session:
            self.current = read_generation(session, self.current)

    # -- licence types -----------------------------------------------------------------------------------------------

    def publish(self, document: Mapping[str, Any]) -> LicenceType:
        """Publish the next version of a licence type; a version that is published already stays as it is.

        Raises:
            LicenceTypeError: the document breaks the rules, is not the next version, contradicts the one before, or
                differs from the published one of its version.
        """
        return self._publish([document])[0]

    def publish_shipped(self) -> list[LicenceType]:
        """Publish every licence type that comes with the hub, at once; return those that were not published before."""
        known = {(key, each.version) for key, versions in self.current.types.items() for each in versions}
        published = self._publish(shipped_documents())
        return [each for each in published if (each.key, each.version) not in known]

    def _publish(self, documents: Sequence[Mapping[str, Any]]) -> list[LicenceType]:
        """Publish all or nothing: one change of the epoch and of the schema."""
        types, now = [parse(document) for document in documents], to_micros(self._clock.now())
        with self._change() as session:
            for licence_type, document in zip(types, documents, strict=True):
                if self._to_publish(session, licence_type, document):
                    session.add(_published(licence_type, document, now))
                    self._record(session, "PUBLISH_TYPE", type=licence_type.key, version=licence_type.version)
        return types

    def retire(self, key: str) -> None:
        """End a licence type: no more licences are issued; those that exist stay. Publishing a next version revives it.

        Raises:
            TypeUnknownError: no such type is in force.
        """
        self.type(key)
        with self._change() as session:
            in_force = (col(model.PublishedType.key) == key, col(model.PublishedType.retired_at).is_(None))
            session.exec(update(model.PublishedType).where(*in_force).values(retired_at=to_micros(self._clock.now())))
            self._record(session, "RETIRE_TYPE", type=key)

    def types(self) -> list[LicenceType]:
        """Return the newest version of every type in force, by key."""
        generation = self.current
        return [versions[-1] for key, versions in generation.types.items() if key not in generation.retired]

    def type(self, key: str) -> LicenceType:
        """Return the newest version of a type in force; raises TypeUnknownError for others and retired ones."""
        generation = self.current
        if key not in generation.types or key in generation.retired:
            raise TypeUnknownError
        return generation.types[key][-1]

    def register(self, key: str) -> Register:
        """Return a register by its key; raises TypeUnknownError."""
        try:
            return REGISTERS[key]
        except KeyError:
            raise TypeUnknownError("There is no such register.") from None

    def source(self, key: str) -> Source:
        """Return what grants, requirements and forms may name: a register, or the newest version of a type in force.

        Raises:
            TypeUnknownError: there is neither.
        """
        return REGISTERS.get(key) or self.type(key)

    def type_at(self, key: str, version: int) -> LicenceType:
        """Return one version of a type, retired ones too: their licences stay. Raises TypeUnknownError."""
        for licence_type in self.current.types.get(key, ()):
            if licence_type.version == version:
                return licence_type
        raise TypeUnknownError

    def set_type_code(self, key: str, code: str, *, synthetic: bool = False) -> None:
        """Set the 21-character code under which this deployment issues a type; `synthetic` marks a made-up one.

        Raises:
            TypeUnknownError: no such type.
            CodeError: not a type code.
            AlreadyExistsError: another type has this code.
        """
        self.type(key)
        check_type_code(code)
        if any(self.current.code_of(other) == code for other in self.current.types if other != key):
            raise AlreadyExistsError("Another licence type has this code.")
        with self._change("Another licence type has this code.") as session:
            session.merge(model.TypeCode(type_key=key, code=code, synthetic=synthetic))
            self._record(session, "SET_TYPE_CODE", type=key, code=code, synthetic=synthetic)

    def type_code(self, key: str) -> str:
        """Return a type's code: the deployment's, else the confirmed one of its file; raises TypeCodeMissingError."""
        code = self.current.code_of(key)
        if code is None:
            raise TypeCodeMissingError
        return code

    def _to_publish(self, session: Session, licence_type: LicenceType, document: Mapping[str, Any]) -> bool:
        if licence_type.key in REGISTERS:
            raise LicenceTypeError(f"{licence_type.key}: this is the key of a register; give the type another one.")
        statement = select(model.PublishedType).where(model.PublishedType.key == licence_type.key)
        rows = session.exec(statement.order_by(col(model.PublishedType.version))).all()
        for row in rows:
            if row.version == licence_type.version:
                if json.loads(row.document) != document:
                    raise LicenceTypeError(
                        f"{row.key}: version {row.version} is published and never changes; raise it."
                    )
                return False
        following = rows[-1].version + 1 if rows else 1
        if licence_type.version != following:
            raise LicenceTypeError(f"{licence_type.key}: the next version to publish is {following}.")
        for row in rows:  # a field that was gone for a while comes back as the kind it was
            if reasons := compatible(parse(json.loads(row.document)), licence_type):
                raise LicenceTypeError(f"{licence_type.key}: {'; '.join(reasons)}")
        return True

    # -- authorities, items, rights ----------------------------------------------------------------------------------

    def add_authority(
        self, code: str, name_zh: str, name_en: str, division: str, level: str, parent: str | None = None
    ) -> Authority:
        """Add a government body; the same one again changes nothing.

        Raises:
            CodeError: the credit code or the division code is wrong.
            InputInvalidError: an empty name, or no such level.
            AuthorityUnknownError: the parent is not known.
            AlreadyExistsError: the credit code belongs to a body described otherwise.
        """
        check_credit_code(code)
        check_division_code(division)
        if level not in set(Level):
            raise InputInvalidError(f"The level of an authority is one of {', '.join(Level)}.")
        if parent is not None:
            self.authority(parent)
        added = Authority(code, _name(name_zh), _name(name_en), division, Level(level), parent)
        self._add(
            added, self.current.authorities.get(code), "ADD_AUTHORITY", "authority", model.Authority(**asdict(added))
        )
        return added

    def authority(self, code: str) -> Authority:
        """Return an authority by its credit code; raises AuthorityUnknownError."""
        try:
            return self.current.authorities[code]
        except KeyError:
            raise AuthorityUnknownError from None

    def authorities(self) -> list[Authority]:
        """Return all authorities, by credit code."""
        return sorted(self.current.authorities.values(), key=lambda each: each.code)

    def add_item(self, code: str, name_zh: str, name_en: str, authority: str) -> ServiceItem:
        """Add a service item to the authority that handles it; the same one again changes nothing.

        Raises:
            InputInvalidError: an empty name, or a code that is not 1 to 50 ASCII letters and digits.
            AuthorityUnknownError: the authority is not known.
            AlreadyExistsError: the code belongs to an item described otherwise.
        """
        if not code.isascii() or not code.isalnum() or len(code) > LONGEST_ITEM_CODE:
            raise InputInvalidError(
                f"The code of a service item has 1 to {LONGEST_ITEM_CODE} ASCII letters and digits."
            )
        self.authority(authority)
        added = ServiceItem(code, _name(name_zh), _name(name_en), authority)
        self._add(added, self.current.items.get(code), "ADD_ITEM", "item", model.ServiceItem(**asdict(added)))
        return added

    def item(self, code: str) -> ServiceItem:
        """Return a service item by its code; raises ItemUnknownError."""
        try:
            return self.current.items[code]
        except KeyError:
            raise ItemUnknownError from None

    def items(self) -> list[ServiceItem]:
        """Return all service items, by code."""
        return sorted(self.current.items.values(), key=lambda each: each.code)

    def allow_issuing(self, authority: str, type_key: str) -> None:
        """Let an authority issue licences of a type; again changes nothing. AuthorityUnknownError, TypeUnknownError."""
        self.authority(authority)
        self.type(type_key)
        with self._change() as session:
            if session.get(model.IssuingRight, (authority, type_key)) is None:
                session.add(model.IssuingRight(authority=authority, type_key=type_key))
                self._record(session, "ALLOW_ISSUING", authority=authority, type=type_key)

    def allow_feeding(self, authority: str, register: str) -> None:
        """Make an authority a source of a register; again changes nothing. AuthorityUnknownError, TypeUnknownError."""
        self.authority(authority)
        key = self.register(register).key
        with self._change() as session:
            if session.get(model.FeedingRight, (authority, key)) is None:
                session.add(model.FeedingRight(authority=authority, register_key=key))
                self._record(session, "ALLOW_FEEDING", authority=authority, register=key)

    def end_feeding(self, authority: str, register: str) -> None:
        """Let an authority feed a register no more; what it said stays. NotFoundError: it has no such right."""
        with self._change() as session:
            row = session.get(model.FeedingRight, (authority, register))
            if row is None:
                raise NotFoundError("This authority does not feed this register.")
            session.delete(row)
            self._record(session, "END_FEEDING", authority=authority, register=register)

    def may_feed(self, authority: str, register: str) -> bool:
        """Tell whether an authority is a source of a register now."""
        return (authority, register) in self.current.feeding_rights

    def may_issue(self, authority: str, type_key: str) -> bool:
        """Tell whether an authority may issue licences of a type now; nobody may issue a retired one."""
        generation = self.current
        return type_key not in generation.retired and (authority, type_key) in generation.issuing_rights

    # -- the deployment ----------------------------------------------------------------------------------------------

    def fix(self, name: str, value: str) -> None:
        """Fix a fact at the first start, such as the public address inside every issuer's name.

        Raises:
            SettingsError: it was fixed to another value.
        """
        with self._database.transaction() as session:
            self._database.lock(session, LOCK)
            fixed = session.get(model.Deployment, name)
            if fixed is None:
                session.add(model.Deployment(name=name, value=value))
            elif fixed.value != value:
                raise SettingsError(
                    f"{name} was fixed to another value at the first start and is part of what was sealed."
                )

    # -- changes -----------------------------------------------------------------------------------------------------

    def _add(
        self, added: Authority | ServiceItem, known: Authority | ServiceItem | None, act: str, what: str, row: SQLModel
    ) -> None:
        if added == known:
            return
        taken = f"The code of this {what} is taken."
        if known is not None:
            raise AlreadyExistsError(taken)
        with self._change(taken) as session:
            session.add(row)
            self._record(session, act, **{what: added.code})

    @contextmanager
    def _change(self, taken: str | None = None) -> Iterator[Session]:
        """Open a change: one at a time over all processes, visible here once it is durable."""
        try:
            with self._database.transaction() as session:
                self._database.lock(session, LOCK)
                yield session
        except IntegrityError:
            raise AlreadyExistsError(taken or "") from None
        self.refresh()

    def _record(self, session: Session, act: str, **facts: str | int) -> None:
        self._audit.append(session, Entry("catalogue", {"operation": act, **facts}))
        self._audit.advance_epoch(session)


def _name(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_NAME or not text.isprintable():
        raise InputInvalidError(f"A name has 1 to {LONGEST_NAME} printable characters.")
    return text


def _published(licence_type: LicenceType, document: Mapping[str, Any], now: int) -> model.PublishedType:
    return model.PublishedType(
        key=licence_type.key,
        version=licence_type.version,
        document=orjson.dumps(document).decode(),
        published_at=now,
    )
