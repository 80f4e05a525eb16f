"""What a drawn seal shows: its shape, texts, size and colour.

Decides which specifications can be drawn at all; where things stand on the seal is decided in `layout`. 国发〔1999〕25号 makes seals
round, those of enterprises, institutions and societies at most 45 mm across, with a five-pointed star in the middle and the
name from left to right around it; seals of governments from the county up bear the state emblem, which is not drawn here.
国家税务总局公告2011年第7号 gives invoice seals 40 by 30 mm. The other sizes are practice, not law.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from hub.seals.pictures.refusals import SpecificationError
from hub.seals.pictures.texts import plain

SEAL_RED: Final = "#E60012"


class Shape(StrEnum):
    """The shapes that can be drawn."""

    ROUND = "ROUND"
    OVAL = "OVAL"
    SQUARE = "SQUARE"


@dataclass(frozen=True, slots=True)
class Room:
    """What a shape has room for: sizes in millimetres (the first is the usual one), characters, numbers."""

    sizes: tuple[tuple[int, int], ...]
    longest_name: int
    longest_purpose: int
    number: re.Pattern[str]
    number_is: str


ROOMS: Final[Mapping[Shape, Room]] = MappingProxyType(
    {
        Shape.ROUND: Room(
            ((42, 42), (40, 40), (38, 38), (45, 45)), 40, 12, re.compile(r"(?:[0-9]{13,14})?"), "has 13 or 14 digits"
        ),
        Shape.OVAL: Room(
            ((45, 30), (40, 30)),
            40,
            12,
            re.compile(r"(?:[0-9]{13,14}|[0-9A-Z]{18})?"),
            "has 13 or 14 digits, or is a credit code",
        ),
        Shape.SQUARE: Room(((20, 20), (18, 18)), 16, 0, re.compile(""), "is left out"),
    }
)
SHORTEST_NAME: Final = 2
_COLOUR = re.compile(r"#[0-9A-F]{6}")


@dataclass(frozen=True, slots=True)
class Specification:
    """A seal to be drawn; raises SpecificationError when it cannot be.

    `name` runs around a round or oval seal and fills a square one; `purpose` stands in a line below the star, or in the oval;
    `number` is the seal's number at the lower edge, or the credit code in the middle of an oval. `size` is width and height
    in millimetres, the usual one of the shape when it is not given. `colour` is #RRGGBB.
    """

    shape: Shape
    name: str
    purpose: str = ""
    number: str = ""
    size: tuple[int, int] = (0, 0)
    colour: str = SEAL_RED

    def __post_init__(self) -> None:
        room = ROOMS[self.shape]
        if self.size == (0, 0):
            object.__setattr__(self, "size", room.sizes[0])
        for part, (fault, wrong) in self._faults(room).items():
            if wrong:
                raise SpecificationError(part, fault)

    def _faults(self, room: Room) -> Mapping[str, tuple[str, bool]]:
        shape, sizes = self.shape.lower(), ", ".join(f"{width} x {height}" for width, height in room.sizes)
        return {
            "size": (f"The size of a {shape} seal is one of {sizes} (mm).", self.size not in room.sizes),
            "name": (
                f"The name on a {shape} seal has {SHORTEST_NAME} to {room.longest_name} characters.",
                not SHORTEST_NAME <= len(plain(self.name)) <= room.longest_name,
            ),
            "purpose": (
                f"The purpose on a {shape} seal has at most {room.longest_purpose} characters.",
                len(plain(self.purpose)) > room.longest_purpose,
            ),
            "number": (f"The number on a {shape} seal {room.number_is}.", not room.number.fullmatch(self.number)),
            "colour": (
                "The colour of a seal is # and six digits of 0-9 and A-F.", not _COLOUR.fullmatch(self.colour),
            ),
        }  # fmt: skip
