"""What is opened of a licence: rows that belong to it, and nothing of those that do not."""

import orjson
import pytest

from hub.errors import DamagedError
from hub.sharing.opened import Opened, chosen_of, unpacked

DIGEST = "the digest"


def row(*disclosures: object, bound: str = DIGEST) -> bytes:
    return orjson.dumps({"sealed": bound, "disclosures": disclosures})


def test_a_part_without_disclosures_opens_to_nothing() -> None:
    assert unpacked(row(), DIGEST) == Opened()
    chosen = chosen_of({0: unpacked(row(), DIGEST)}, {0: frozenset({"name"})})
    assert (list(chosen.encoded), chosen.values) == ([], {})


@pytest.mark.parametrize(
    "plaintext",
    [
        row([["name"], "x"], bound="another"), row([["name"]]), row([["name"], "x", "y"]), row([["name"], "x"], [["sex"]]),
        row("name"), b"{}", b"[]", b"null", b"no JSON",
    ],
)  # fmt: skip
def test_a_row_that_does_not_belong_to_the_licence_is_damage(plaintext: bytes) -> None:
    with pytest.raises(DamagedError):
        unpacked(plaintext, DIGEST)
