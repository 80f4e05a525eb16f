"""What a verification of the log finds: one row a finding, in words that an auditor reads in Chinese or English.

Decides the closed set of what can be wrong. A finding names the place, the record or the row, never what stands in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from typing_extensions import override


class Kind(StrEnum):
    """What is wrong; the order is that in which they weigh."""

    RECORD_CHANGED = "RECORD_CHANGED"
    RECORD_REMOVED = "RECORD_REMOVED"
    RECORD_INSERTED = "RECORD_INSERTED"
    LEAF_CHANGED = "LEAF_CHANGED"
    LEAF_REMOVED = "LEAF_REMOVED"
    LEAF_INSERTED = "LEAF_INSERTED"
    TILE_CHANGED = "TILE_CHANGED"
    TILE_REMOVED = "TILE_REMOVED"
    TILE_INSERTED = "TILE_INSERTED"
    HEAD_CHANGED = "HEAD_CHANGED"
    LOG_BEHIND = "LOG_BEHIND"
    LOG_FORKED = "LOG_FORKED"
    CHECKPOINT_UNREADABLE = "CHECKPOINT_UNREADABLE"
    ROW_CHANGED = "ROW_CHANGED"
    ROW_REMOVED = "ROW_REMOVED"
    ROW_INSERTED = "ROW_INSERTED"


WORDS: Final[Mapping[Kind, tuple[str, str]]] = MappingProxyType(
    {
        Kind.RECORD_CHANGED: ("记录被篡改", "a record is not what the log committed to"),
        Kind.RECORD_REMOVED: ("记录被删除", "a record of the log is gone"),
        Kind.RECORD_INSERTED: ("记录系伪造", "a record was not written by this hub"),
        Kind.LEAF_CHANGED: ("叶被篡改或移动", "a leaf is not the one that this hub put there"),
        Kind.LEAF_REMOVED: ("叶被删除", "a leaf is gone"),
        Kind.LEAF_INSERTED: ("叶系伪造", "a leaf stands behind the end of the log"),
        Kind.TILE_CHANGED: ("哈希块被篡改", "a tile is not that of its leaves"),
        Kind.TILE_REMOVED: ("哈希块被删除", "a tile is gone"),
        Kind.TILE_INSERTED: ("哈希块系伪造", "a tile stands where the log has none"),
        Kind.HEAD_CHANGED: ("日志头被篡改", "the head is not what was signed over these leaves"),
        Kind.LOG_BEHIND: ("日志被回退", "the log is shorter than a checkpoint that was seen"),
        Kind.LOG_FORKED: ("日志分叉", "the log is not the one whose checkpoint was seen"),
        Kind.CHECKPOINT_UNREADABLE: ("检查点不可信", "a checkpoint is not one of this log"),
        Kind.ROW_CHANGED: ("数据行被篡改", "a row is not what its last record says"),
        Kind.ROW_REMOVED: ("数据行被删除", "a row that records tell of is gone"),
        Kind.ROW_INSERTED: ("数据行系伪造", "no record tells of a row"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        place: the leaf's place, or a tile's; None where it has none.
        record: the record's id, or that of the last one that tells of the row.
        table, key: the row.
        level: the tile's.
        source: which checkpoint does not fit, as it was named.
    """

    kind: Kind
    place: int | None = None
    record: str | None = None
    table: str | None = None
    key: str | None = None
    level: int | None = None
    source: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        named = {name: getattr(self, name) for name in ("place", "record", "table", "key", "level", "source")}
        known = {name: value for name, value in named.items() if value is not None}
        zh, en = WORDS[self.kind]
        return {"kind": self.kind.value, **known, "words": {"zh": zh, "en": en}}

    @override
    def __str__(self) -> str:
        zh, en = WORDS[self.kind]
        where = ", ".join(f"{name} {value}" for name, value in self.as_json().items() if name not in {"kind", "words"})
        return f"{self.kind.value}  {zh} · {en}: {where}"
