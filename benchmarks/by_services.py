"""The same look-up without GraphQL, on the hub's own services: what GraphQL costs. `python -m benchmarks.by_services serve ...` is the hub's own command.

One endpoint, written for this one question, stands where GraphQL's does: behind the same guard, access log, token check, places and budgets. It opens the
case, reads the licence through the same policy and funnel with the same record, and writes the answer's JSON. There is no document, plan, type or selection.
"""

from typing import Final
from unittest.mock import patch

import orjson
from typing_extensions import override

from benchmarks.companies import TYPE
from benchmarks.scene import ASKED
from hub.__main__ import main
from hub.access.allowances import Allowance
from hub.audit.service import Pending
from hub.errors import HubError, TokenInvalidError
from hub.sharing.purpose import Person, Purpose
from hub.sharing.reading import LicenceKey
from schema.execution import Outcome
from schema.http import Confirm, GraphQLEndpoint
from schema.requests import Incoming
from schema.signed_in import SignedIn
from schema.weights import REQUEST

WANTED: Final = frozenset(ASKED)


class ServicesEndpoint(GraphQLEndpoint):
    """Answers one question by hand."""

    @override
    async def _outcome(
        self, request: Incoming, who: SignedIn, pending: Pending, allowance: Allowance, confirm: Confirm
    ) -> Outcome:
        del confirm
        if who.caller is None:
            raise TokenInvalidError
        allowance.spend(REQUEST)
        given = orjson.loads(request.body)
        case, applicant = given["case"], given["case"]["applicant"]
        person = Person(applicant["codeType"], applicant["code"])
        purpose = Purpose(case["serviceItem"], case["caseNumber"], person, (), case["legalBasis"])
        try:
            opened = await self._services.sharing.open_case(who.caller, purpose, pending)
            found = await opened.licence(LicenceKey(TYPE, given["number"]), WANTED, pending)
        except HubError as error:
            return Outcome({"code": error.code}, ())
        valid_until = found.stored.valid_until
        return Outcome(
            {
                "identifier": found.stored.identifier, "status": found.status, **{name: found.values.get(name) for name in ASKED},
                "validUntil": valid_until, "withheld": [{"path": path, "reason": why} for path, why in found.withheld],
                "proof": {"sdJwt": found.presentation},
            }, (),
        )  # fmt: skip


if __name__ == "__main__":
    with patch("hub.app.GraphQLEndpoint", ServicesEndpoint):
        main()
