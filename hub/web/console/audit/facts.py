"""What a record says, in words: one row a fact, in the order in which people ask.

Decides how each fact is told, by one table; a fact that is not in it is shown as it was written. It must never show who a random handle stands for: how many persons a
record speaks of is all that it says.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from hub.clock import from_micros
from hub.web.console.names import Reader

AUDIT: Final = "/console/audit"
RECORDS: Final = f"{AUDIT}/records"
KINDS: Final = (
    "access", "case", "catalogue", "client", "consent", "deadline", "demand", "dispute", "document", "embargo", "erasure", "evidence", "form", "grant",
    "import", "inspection", "keys", "licence", "log", "material", "negative_list", "presentation", "register", "rendition", "seal", "settings", "staff",
    "state", "supervision", "webhook",
)  # fmt: skip
OUTCOMES: Final = ("DISCLOSED", "NOT_FOUND", "NOT_GRANTED", "REFUSED")
MOST: Final = 50
"""Of a list."""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact: its name, what it says, a code in small type, a place in the console that it leads to; or several lines."""

    name: str
    text: str = ""
    code: str = ""
    link: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """What is needed to tell facts to one reader; `who` names clients and accounts."""

    reader: Reader
    who: Mapping[str, str]

    def rows(self, facts: Mapping[str, Any]) -> list[Row]:
        """Return the facts of a record; what is empty says nothing."""
        known = [self._told(name, facts[name]) for name in _TOLD if name in facts and _says(facts[name])]
        others = [name for name in sorted(facts) if name not in _TOLD and name not in _OWN and _says(facts[name])]
        return [*known, *(Row(name, code=_json(facts[name])) for name in others)]

    def label(self, name: str) -> str:
        """Name a fact."""
        told = f"audit.fact.{name}"
        return self.reader.words(told) if told in self.reader.words else name

    def _told(self, name: str, value: Any) -> Row:
        try:
            return _TOLD[name](self, name, value)
        except (TypeError, ValueError, AttributeError, OverflowError):  # the hub did not write it so
            return Row(name, code=_json(value))


def searched(**terms: str) -> str:
    """Return the place where records with these terms are found."""
    return f"{AUDIT}?{urlencode(terms)}"


def _says(value: object) -> bool:
    return value not in (None, [], "")


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _plain(_telling: Telling, name: str, value: Any) -> Row:
    return Row(name, str(value))


def _code(_telling: Telling, name: str, value: Any) -> Row:
    return Row(name, code=str(value))


def _word(telling: Telling, name: str, value: Any) -> Row:
    told = f"audit.{name}.{value}"
    return (
        Row(name, telling.reader.words(told), code=str(value))
        if told in telling.reader.words
        else Row(name, code=str(value))
    )


def _status(telling: Telling, name: str, value: Any) -> Row:
    told = f"console.licence.{value}"
    return Row(name, telling.reader.words(told), code=value) if told in telling.reader.words else Row(name, str(value))


def _authority(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.names.authority(value), code=value)


def _type(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.names.type(value), code=value)


def _item(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.names.item(value), code=value)


def _who(telling: Telling, name: str, value: Any) -> Row:
    account = value.removeprefix("staff ")
    return Row(name, telling.who.get(account, ""), code=account, link=searched(who=account))


def _findable(telling: Telling, name: str, value: Any) -> Row:
    sought = {"identifier": "licence", "es_id": "seal"}.get(name, name)
    return Row(name, telling.reader.words("audit.fact.others"), code=value, link=searched(**{sought: value}))


def _record(_telling: Telling, name: str, value: Any) -> Row:
    return Row(name, value, link=f"{RECORDS}/{value}")


def _count(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.words(f"audit.count.{name}", count=len(value)))


def _lines(telling: Telling, name: str, value: Any) -> Row:
    shown = tuple(" · ".join(each) if isinstance(each, list) else str(each) for each in value[:MOST])
    more = len(value) - len(shown)
    return Row(name, lines=(*shown, telling.reader.words("audit.more", count=more)) if more else shown)


def _moment(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.dates.moment(from_micros(value)))


def _yes(telling: Telling, name: str, value: Any) -> Row:
    return Row(name, telling.reader.words("audit.yes" if value else "audit.no"))


_OWN: Final = frozenset({"id", "kind", "time"})
Tell = Callable[[Telling, str, Any], Row]
_BY_TELLING: Final[Sequence[tuple[Tell, tuple[str, ...]]]] = (
    (_code, ("operation",)),
    (_word, ("outcome",)),
    (_code, ("of",)),
    (_plain, ("reason",)),
    (_authority, ("authority", "owner", "source_authority")),
    (_who, ("client", "staff", "by")),
    (_findable, ("case",)),
    (_item, ("item",)),
    (_type, ("type",)),
    (_findable, ("licence", "identifier")),
    (_plain, ("version",)),
    (_status, ("status",)),
    (_lines, ("disclosed", "withheld", "judged", "checked")),
    (_count, ("subjects", "parties")),
    (_code, ("presentation",)),
    (_yes, ("receipt",)),
    (_plain, ("legal_basis", "note")),
    (_moment, ("until", "effective_at")),
    (_findable, ("seal", "es_id")),
    (_record, ("record", "evidence_of", "change")),
    (_count, ("rows",)),
)
_TOLD: Final[Mapping[str, Tell]] = {name: tell for tell, several in _BY_TELLING for name in several}
KNOWN: Final = tuple(_TOLD)
"""Facts that have words of their own."""
