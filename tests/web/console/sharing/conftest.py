"""People of sharing: stewards of who asks (READER), of who owns (ISSUER), of somebody else (OTHER) and of the whole hub, auditors, officers; and what they share."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from hub.access.staff.caller import Staff
from hub.catalogue.licence_type import shipped_documents
from hub.composition import Hub
from hub.paging import Window
from hub.sharing.demands.demand import Demand, DemandWish
from hub.sharing.demands.lists import Asked, View
from tests.acceptance.small_hub import ISSUER, ITEM, READER, URL
from tests.web.console.office import OTHER, Office
from tests.web.visitor import Visitor, text

__all__ = ["ISSUER", "ITEM", "OTHER", "READER", "REGISTER"]
REGISTER = "HouseholdRegister"
STEWARD = "SHARING_STEWARD"
OWN = {"origin": URL, "sec-fetch-site": "same-origin"}
BASIS, SCENE = "虚构条例第七条", "核验申请人住址"


@dataclass
class Sharing:
    """The office, where household registers are shared on conditions and business licences without; people stay signed in."""

    office: Office
    visitors: dict[tuple[str, str | None], Visitor] = field(default_factory=dict)
    known: dict[tuple[str, str | None], Staff] = field(default_factory=dict)

    @property
    def hub(self) -> Hub:
        return self.office.hub

    @property
    def today(self) -> date:
        return self.hub.sharing.today()

    def visitor(self, authority: str | None, role: str = STEWARD) -> Visitor:
        """Return the browser of who holds a role for an authority."""
        if (role, authority) not in self.visitors:
            self.visitors[role, authority] = self.office.visitor(role, authority)
        return self.visitors[role, authority]

    def staff(self, authority: str | None, role: str = STEWARD) -> Staff:
        """Return him as services see him."""
        if (role, authority) not in self.known:
            self.known[role, authority] = self.office.staff(role, authority)
        return self.known[role, authority]

    def demands(self, authority: str | None, view: View = View.ALL) -> list[Demand]:
        """Return the demands that a steward sees."""
        lists, everything = self.hub.sharing.demand_lists, Window(100)
        return list(lists.mine(self.staff(authority), view, Asked(), self.today, everything).items)

    def wish(self, **changes: Any) -> DemandWish:
        asked: dict[str, Any] = {
            "authority": READER, "item": ITEM, "source": REGISTER, "paths": ("address", "headName"), "legal_basis": BASIS, "scene": SCENE,
            "valid_from": self.today, "valid_until": self.today + timedelta(days=300), **changes,
        }  # fmt: skip
        return DemandWish(**asked)

    def filed(self, **changes: Any) -> Demand:
        """Return a demand that the reading authority's steward filed."""
        return self.hub.sharing.demands.file(self.staff(READER), self.wish(**changes))

    def demand(self, demand_id: str) -> Demand:
        """Return it as it is."""
        return self.hub.sharing.demand_lists.demand(self.staff(None), demand_id)


@pytest.fixture(scope="module")
def sharing(office: Office) -> Sharing:
    documents = {each["key"]: each for each in shipped_documents()}
    office.hub.catalogue.publish(documents[REGISTER])
    office.hub.catalogue.allow_issuing(ISSUER, REGISTER)
    office.hub.refresh()
    return Sharing(office)


def again(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of an act on a page."""
    form = page.partition('class="act"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def sent(visitor: Visitor, page: str, path: str, **given: str) -> httpx.Response:
    """Send the form of an act that a page shows, as a browser does."""
    return visitor.post(path, {**again(page), **given}, headers=OWN)


def done(visitor: Visitor, page: str, path: str, **given: str) -> str:
    """Send it, and return the page that proves what it did."""
    answer = sent(visitor, page, path, **given)
    assert answer.status_code == 303, text(answer)
    proof = visitor.get(answer.headers["location"])
    assert (proof.status_code, "Record numbers" in proof.text) == (200, True)
    return proof.text


def taken(visitor: Visitor, path: str, **given: str) -> str:
    """Open a page, send its form, and return the page that proves what it did."""
    return done(visitor, visitor.get(path).text, path, **given)


def token_of(page: str) -> str:
    """Return the token of the forms of a page."""
    return page.partition('name="form_token" value="')[2].partition('"')[0]
