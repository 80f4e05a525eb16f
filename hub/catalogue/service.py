"""The catalogue: authorities, licence types with their codes and issuers, service items, facts of the deployment.

Decides what may be published, and who may issue what. A published version never changes; a type code is never
invented. Every change is recorded and advances the policy epoch in its own transaction, so that no process goes on
under an older catalogue. GB/T 36902 (catalogue), GB/T 36904 (type codes).
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from hub.audit.service import Audit
from hub.catalogue import model
from hub.catalogue.bodies import Bodies
from hub.catalogue.changing import LOCK, Changing
from hub.catalogue.desk import CatalogueDesk, Current, nobody
from hub.catalogue.generation import (
    EMPTY,
    Act,
    Authority,
    Generation,
    Level,
    PublishedItem,
    ServiceItem,
    TypeChange,
    level_of,
    read_generation,
)
from hub.catalogue.items.publishing import ItemDocuments
from hub.catalogue.kept_documents import KeptDocuments
from hub.catalogue.licence_type import LicenceType, shipped_documents
from hub.catalogue.registers import REGISTERS, Register, Source
from hub.catalogue.type_publishing import TypePublishing
from hub.catalogue.working_days import SHIPPED, WorkingDays
from hub.clock import Clock
from hub.database import Database
from hub.errors import (
    AuthorityUnknownError,
    ItemUnknownError,
    SettingsError,
    TypeCodeMissingError,
    TypeUnknownError,
)

__all__ = ["Act", "Authority", "Catalogue", "Generation", "Level", "PublishedItem", "ServiceItem", "TypeChange"]


class Catalogue:
    """Holds the current generation and changes the catalogue. `refresh` comes before the first use."""

    def __init__(
        self,
        database: Database,
        audit: Audit,
        clock: Clock,
        *,
        working_days: WorkingDays = SHIPPED,
        current: Current = nobody,
    ) -> None:
        """Use the database's transactions, the audit's records and the clock's time.

        `working_days` is the deployment's calendar; `current` returns a person of staff as he is now, without it nobody is.
        """
        self.working_days = working_days
        self._database = database
        self._refreshing = threading.Lock()
        self.current: Generation = EMPTY
        changing = Changing(database, audit, self.refresh)
        self.publishing = TypePublishing(changing, clock, lambda: self.current)
        self.bodies = Bodies(changing, lambda: self.current)
        self.documents = ItemDocuments(changing, clock, lambda: self.current)
        self.desk = CatalogueDesk(self.publishing, self.bodies, self.documents, lambda: self.current, current=current)
        self.kept = KeptDocuments(database)

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
        return self.publishing.publish(documents)

    def retire(self, key: str) -> None:
        """End a licence type: no more licences are issued; those that exist stay. Publishing a next version revives it.

        Raises:
            TypeUnknownError: no such type is in force.
        """
        self.publishing.retire(key)

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

    def newest_version(self, key: str) -> int:
        """Return the newest version of a type, retired ones too; raises TypeUnknownError."""
        if key not in self.current.types:
            raise TypeUnknownError
        return self.current.types[key][-1].version

    def set_type_code(self, key: str, code: str, *, synthetic: bool = False) -> None:
        """Set the 21-character code under which this deployment issues a type; `synthetic` marks a made-up one.

        Raises:
            TypeUnknownError: no such type.
            CodeError: not a type code.
            AlreadyExistsError: another type has this code.
        """
        self.type(key)
        self.publishing.set_code(key, code, synthetic=synthetic)

    def type_code(self, key: str) -> str:
        """Return a type's code: the deployment's, else the confirmed one of its file; raises TypeCodeMissingError."""
        code = self.current.code_of(key)
        if code is None:
            raise TypeCodeMissingError
        return code

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
        return self.bodies.add_authority(Authority(code, name_zh, name_en, division, level_of(level), parent))

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
        return self.bodies.add_item(ServiceItem(code, name_zh, name_en, authority))

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
        self.bodies.allow(self.bodies.issuing_right(authority, type_key))

    def issuers_of(self, type_key: str) -> list[str]:
        """Return the credit codes of those who may issue a type, sorted; of a retired one of those who might."""
        return sorted(authority for authority, key in self.current.issuing_rights if key == type_key)

    def allow_feeding(self, authority: str, register: str) -> None:
        """Make an authority a source of a register; again changes nothing. AuthorityUnknownError, TypeUnknownError."""
        self.bodies.allow(self.bodies.feeding_right(authority, register))

    def end_feeding(self, authority: str, register: str) -> None:
        """Let an authority feed a register no more; what it said stays. NotFoundError: it has no such right."""
        self.bodies.end(self.bodies.feeding_right(authority, register))

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
