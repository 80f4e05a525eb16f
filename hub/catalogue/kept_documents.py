"""The documents of types and items as they were published, whole: what pages show, compare and hand out.

Decides nothing. The generation holds what documents mean; their own text stays in the tables, and is read when somebody looks at it.
"""

import json
from collections.abc import Mapping
from typing import Any

from hub.catalogue import model
from hub.database import Database
from hub.errors import ItemUnknownError, TypeUnknownError


class KeptDocuments:
    """Reads published documents."""

    def __init__(self, database: Database) -> None:
        """Use the database's snapshots."""
        self._database = database

    def of_type(self, key: str, version: int) -> Mapping[str, Any]:
        """Return the document of one version of a licence type; raises TypeUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(model.PublishedType, (key, version))
            if row is None:
                raise TypeUnknownError
            found: Mapping[str, Any] = json.loads(row.document)
        return found

    def of_item(self, code: str, version: int) -> Mapping[str, Any]:
        """Return one version of a service item's document; raises ItemUnknownError."""
        with self._database.snapshot() as session:
            row = session.get(model.PublishedItem, (code, version))
            if row is None:
                raise ItemUnknownError
            found: Mapping[str, Any] = json.loads(row.document)
        return found
