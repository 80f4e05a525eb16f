"""Ids of words of the forms of licences that are put together; see tests/web/made_words.py."""

from collections.abc import Mapping

from hub.web.console.issuing.controls import Outline
from hub.web.console.issuing.errand import OBSTACLES
from hub.web.console.issuing.shown import HINTS

OPERATIONS = frozenset(("issue", "renew", "change"))
PARTS = frozenset(name for name, _ in Outline((), (), (), ()).sections())
MADE: Mapping[str, frozenset[str]] = {
    "issuing.{}.title": OPERATIONS,
    "issuing.{}.lead": OPERATIONS,
    "{}.done": frozenset(f"issuing.{each}" for each in OPERATIONS),
    "issuing.hint.{}": frozenset(HINTS),
    "issuing.part.{}": PARTS,
    "issuing.obstacle.{}": frozenset(OBSTACLES),
}
