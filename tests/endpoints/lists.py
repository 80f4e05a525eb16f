"""Status lists as the endpoints meet them: one present list, and the past of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hub.errors import StatusListUnknownError
from hub.licences.status_lists import FORMS, PublishedBytes
from tests.access.department import ISSUER

JWT, CWT = FORMS


@dataclass
class Lists:
    """Knows list 1; remembers which moments of the past were asked for."""

    address: ClassVar[str] = f"{ISSUER}/status-lists"
    publication: int = 1
    moments: list[int] = field(default_factory=list)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{"kid": "status-1"}]}

    async def uris(self) -> list[str]:
        return [f"{self.address}/1"]

    async def present(self, number: int) -> Mapping[str, PublishedBytes]:
        if number != 1:
            raise StatusListUnknownError
        bodies = {form: f"{form} {self.publication}".encode() for form in FORMS}
        return {form: PublishedBytes(body, f'"{self.publication}-{form[-3:]}"') for form, body in bodies.items()}

    async def past(self, number: int, moment: int) -> Mapping[str, bytes]:
        self.moments.append(moment)
        if number != 1 or moment < 100:
            raise StatusListUnknownError
        return {form: b"past " + form.encode() for form in FORMS}
