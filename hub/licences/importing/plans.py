"""The plan of an import: which file becomes licences of which type, whose, and by which map.

Decides what "the same import" is: the same bytes, type, map and way of reading, of one authority. Plans may hold constants
that name somebody, so they are sealed; the identity is kept as a blind index, for a digest of a short file tells its
content to whoever can guess it. This is the only module that opens purposes.PLAN.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

import orjson

from hub.catalogue.licence_type import LicenceType
from hub.clock import Calendar
from hub.licences.importing.drafting import Drafter
from hub.licences.importing.fitting import fit
from hub.licences.importing.mapping import Map
from hub.licences.importing.suggestion import suggested
from hub.tabular.rows import Options
from hub.vault.purposes import PLAN
from hub.vault.service import DataKey, Vault

# Their rows may have members that the first rows did not: the columns of such a file are never all known.
ROWS_ARE_JSON: Final = frozenset({"jsonl"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person said of an import. `mapping` is a map's JSON, None: as the columns' names say.

    `defaults` hold, by path, where neither map nor row says anything; `format` is a key of FORMATS.
    """

    type_key: str
    format: str
    mapping: Mapping[str, Any] | None = field(default=None, repr=False)
    defaults: Mapping[str, Any] = field(default_factory=dict, repr=False)
    options: Options = field(default_factory=Options)

    def identity(self, sha256: bytes) -> str:
        """Return what tells this import of a file from every other, as one text."""
        return orjson.dumps({"sha256": sha256.hex(), **asdict(self)}, option=orjson.OPT_SORT_KEYS).decode()

    def to_json(self) -> bytes:
        """Return the plan's bytes."""
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read what `to_json` wrote."""
        read: dict[str, Any] = orjson.loads(data)
        return cls(**{**read, "options": Options(**read["options"])})

    def check(self, licence_type: LicenceType, calendar: Calendar) -> None:
        """Refuse a map that no file of this type could have; raises ImportMapError."""
        if self.mapping is not None:
            fit(Map.parse(self.mapping).with_defaults(self.defaults), licence_type, calendar)

    @property
    def rows_are_json(self) -> bool:
        """Tell whether the file's rows are JSON."""
        return self.format in ROWS_ARE_JSON

    def drafter(self, columns: tuple[str, ...], licence_type: LicenceType, calendar: Calendar) -> Drafter:
        """Fit the map to the file's columns and the type; raises ImportMapError."""
        chosen = suggested(columns, licence_type) if self.mapping is None else Map.parse(self.mapping)
        closed = None if self.rows_are_json else columns
        return Drafter(chosen.with_defaults(self.defaults), licence_type, calendar, closed)


class Plans:
    """Seals what is known of an import, each under the name of its job, and opens it again."""

    def __init__(self, vault: Vault) -> None:
        """Seal and open under the jobs' keys."""
        self._vault = vault

    def seal(self, key: DataKey, job_id: str, plan: Plan) -> bytes:
        """Seal a plan."""
        return self._vault.seal(PLAN, key, job_id, plan.to_json())

    def open(self, key: DataKey, job_id: str, sealed: bytes) -> Plan:
        """Open a plan; raises DamagedError."""
        return Plan.from_json(self._vault.open(PLAN, key, job_id, sealed))

    def seal_columns(self, key: DataKey, job_id: str, columns: tuple[str, ...]) -> bytes:
        """Seal the columns of a file, which may be somebody's data where its header is missing."""
        return self._vault.seal(PLAN, key, f"{job_id}\x1fcolumns", orjson.dumps(columns))

    def open_columns(self, key: DataKey, job_id: str, sealed: bytes) -> tuple[str, ...]:
        """Open the columns of a file; raises DamagedError."""
        return tuple(orjson.loads(self._vault.open(PLAN, key, f"{job_id}\x1fcolumns", sealed)))

    def seal_problem(self, key: DataKey, job_id: str, message: str) -> bytes:
        """Seal why a job stopped, as told to people: such a message may name columns."""
        return self._vault.seal(PLAN, key, f"{job_id}\x1fproblem", message.encode())

    def open_problem(self, key: DataKey, job_id: str, sealed: bytes) -> str:
        """Open why a job stopped; raises DamagedError."""
        return self._vault.open(PLAN, key, f"{job_id}\x1fproblem", sealed).decode()
