"""What a seal's text may say: the owner's name, and nothing that could be taken for somebody else's.

Decides whether the text of a seal is that of its owner, for the kinds of seals of 国办发〔2025〕33号 that the hub makes. Texts are
compared in NFKC without spaces. Only the whole remainder after the owner's name counts as a purpose, so that a
branch's seal cannot pass for its parent's. It must never put a text into a message: a name chop carries a person's name.
"""

import re
from typing import Final

from hub.seals.pictures.purposes import BY_SUFFIX, Purpose
from hub.seals.pictures.refusals import NameMismatchError, PurposeUnknownError
from hub.seals.pictures.specification import Shape, Specification
from hub.seals.pictures.texts import plain

CHOP_ENDINGS: Final = ("", "印", "之印")  # 王小明, 王小明印, 李明之印
SHORTEST_PERSON: Final = 2
_ORDINAL = re.compile(r"\([1-9][0-9]?\)\Z")  # the second of several seals for one purpose: 发票专用章(2)


def check_statutory_name(text: str, owner: str) -> None:
    """Refuse a statutory name seal whose text is not exactly the owner's name; raises NameMismatchError."""
    if not plain(owner) or plain(text) != plain(owner):
        raise NameMismatchError("A statutory name seal carries exactly the name of its owner, as it is registered.")


def special_purpose(text: str, owner: str) -> Purpose:
    """Return the purpose of a special-purpose seal; its text is the owner's name, a purpose, and perhaps (1) to (99).

    Raises:
        NameMismatchError: the text does not begin with the owner's name.
        PurposeUnknownError: what follows is not a purpose of the list.
    """
    if not plain(owner) or not plain(text).startswith(plain(owner)):
        raise NameMismatchError("The text of a special-purpose seal begins with the name of its owner, as registered.")
    purpose = BY_SUFFIX.get(_ORDINAL.sub("", plain(text)[len(plain(owner)) :]))
    if purpose is None:
        raise PurposeUnknownError(
            f"After its owner's name, a special-purpose seal says one of {', '.join(BY_SUFFIX)}, and nothing between."
        )
    return purpose


def check_name_chop(text: str, representative: str) -> None:
    """Refuse a name chop that is not the legal representative's name, with or without 印; raises NameMismatchError."""
    name = plain(representative)
    if len(name) < SHORTEST_PERSON or plain(text) not in {name + ending for ending in CHOP_ENDINGS}:
        raise NameMismatchError(
            "The seal of a legal representative carries his whole name as it is registered, alone or followed by 印 or 之印; give that name as the representative."
        )


def statutory_seal(owner: str, number: str = "") -> Specification:
    """Return how an owner's statutory name seal is usually drawn."""
    return Specification(Shape.ROUND, owner, number=number)


def special_purpose_seal(owner: str, text: str, number: str = "") -> Specification:
    """Return how a special-purpose seal of an owner is usually drawn, with what tells it from his others; raises as `special_purpose`."""
    shape = special_purpose(text, owner).shape
    return Specification(shape, owner, plain(text)[len(plain(owner)) :], number)


def name_chop(text: str, number: str = "") -> Specification:
    """Return how the seal of a legal representative is usually drawn; it has no room for a number, which is refused."""
    return Specification(Shape.SQUARE, text, number=number)
