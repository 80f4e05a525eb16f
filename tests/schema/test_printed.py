"""Printed codes over GraphQL: made for the issuing authority, refused to departments, read by anybody without signing in."""

from typing import Any

from tests.catalogue.examples import HUSBAND
from tests.schema.desk import CASE, Desk, case_of
from tests.schema.test_reading import LICENCE
from tests.sharing.world import ISSUER

PRINT = """query Print($id: String!) { issuedLicence(identifier: $id) { __typename ... on Problem { code }
    ... on DriverLicence { number qr { text svg } } } }"""
VERIFY = """query Verify($code: String!) { verifyCode(code: $code) { word colour reason asOf checks { name outcome subIndication detail }
    licence { identifier type typeNames { zh en } issuer issuerNames { zh } holder validFrom validUntil seal sealNames { zh } } } }"""


async def printed(desk: Desk) -> dict[str, Any]:
    body = await desk.ask(PRINT, authority=ISSUER, id=desk.issued["DriverLicence"])
    assert "errors" not in body, body
    code: dict[str, Any] = body["data"]["issuedLicence"]["qr"]
    return code


async def verdict(desk: Desk, code: str) -> dict[str, Any]:
    body = await desk.ask(VERIFY, authority=None, code=code)
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]["verifyCode"]
    return found


def test_an_authority_prints_what_it_issued_and_anybody_reads_it(any_desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        code = await printed(desk)
        assert code["svg"].startswith("<svg")
        found = await verdict(desk, code["text"])
        assert (found["word"], found["colour"], found["reason"]) == ("VALID", "GREEN", "VALID")
        assert found["licence"]["identifier"] == desk.issued["DriverLicence"]
        assert found["licence"]["holder"][1] == "*"
        assert {row["outcome"] for row in found["checks"]} == {"PASSED"}
        uses = [each for each in desk.world.records("seal") if each["operation"] == "USE"]
        assert [each["client"] for each in uses] == [desk.departments[ISSUER].client_id]

    any_desk.run(scenario)


def test_a_department_reads_in_its_case_and_prints_nothing(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        desk.world.grant(["number"], "DriverLicence")
        selection = "... on DriverLicence { number qr { text } }"
        field = (LICENCE % ("DriverLicence", selection)).replace("'", '"')
        body = await desk.ask(CASE % field, case=case_of(HUSBAND), id=desk.issued["DriverLicence"])
        assert [each["extensions"]["code"] for each in body["errors"]] == ["NOT_GRANTED"]
        licence = body["data"]["case"]["licence"]
        assert licence["number"]
        assert licence["qr"] is None
        assert not [each for each in desk.world.records("seal") if each["operation"] == "USE"]

    desk.run(scenario)


def test_what_is_no_code_has_a_verdict_too(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        for text in ("", "https://qr.alipay.com/fkx0", "A" * 60_000):
            found = await verdict(desk, text)
            assert (found["word"], found["colour"], found["licence"], found["checks"]) == (
                "NOT_A_CODE",
                "AMBER",
                None,
                [],
            )
        assert not desk.world.records("access")

    desk.run(scenario)
