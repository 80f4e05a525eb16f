"""How many licences there are, by authority, type and status effective on a day.

Decides nothing; it reads the table once, whole, so whoever asks often remembers the answer.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from hub.licences.model import Licence
from hub.licences.status import EXPIRED, NOT_YET_VALID, Status


class Kept(NamedTuple):
    """What is counted together."""

    authority: str
    type_key: str
    status: str


def count(session: Session, day: date) -> Mapping[Kept, int]:
    """Return how many licences there are of each kind; their status is the one effective on the legal day."""
    today, until = day.isoformat(), col(Licence.valid_until)
    status = case(
        (col(Licence.status) != Status.VALID.value, col(Licence.status)),
        (col(Licence.valid_from) > today, NOT_YET_VALID),
        (until.is_not(None) & (until < today), EXPIRED),
        else_=Status.VALID.value,
    ).label("effective")
    found = select(col(Licence.authority), col(Licence.type_key), status, func.count()).group_by(
        col(Licence.authority), col(Licence.type_key), "effective"
    )
    return {Kept(authority, type_key, word): number for authority, type_key, word, number in session.execute(found)}
