"""A restaurant opens: which papers need not be handed in, what the owner consents and commits to, and the form that fills itself."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from hub.demo.platform import DemoPlatform
from hub.demo.teller import Teller, name_of

CASE: Final = """query Restaurant($case: CaseInput!) { case(input: $case) { ... on Case {
  id
  materials(conditional: []) {
    key name { zh } result reason { words { zh } } deadline
    licence { identifier status ... on BusinessLicence { name registeredCapital } }
    commitment { digest text { zh } }
  }
  meets(requirement: "capitalAtLeastAMillion") { met words { zh } reason { code words { zh } } }
  form { ... on Form { fields { name label { zh } value state source { type } } } ... on Problem { code } }
} ... on Problem { code message } } }"""
CONSENT: Final = """mutation Consent($input: ConsentInput!) {
  giveConsent(input: $input) { ... on Consent { inForce authority { name { zh } } expiresAt } ... on Problem { code message } }
}"""
COMMIT: Final = """mutation Commit($input: CommitmentInput!) {
  commitMaterial(input: $input) { ... on MaterialPromise { kind state deadline } ... on Problem { code message } }
}"""
EXEMPT: Final = ("subject", "representativeIdentity", "premises")


def open_restaurant(teller: Teller) -> None:
    """One query before, one after the owner's consent, a commitment, and the form."""
    case = teller.counter.client.purposes[0].input
    before = _read(teller, case)
    teller.say(
        "A restaurant applies: one query says which papers need not be handed in",
        holds=_results(before) == {
            "combinedForm": "PAPER_REQUIRED", "subject": "EXEMPT", "representativeIdentity": "EXEMPT",
            "premises": "CONSENT_NEEDED", "fireSafety": "COMMITMENT_ALLOWED", "foodSafetyRules": "DEFERRABLE",
        }, **_told(before),
    )  # fmt: skip
    consented = _consent(teller, case)
    after = _read(teller, case)
    teller.say(
        "Its owner lets the bureau read its title to the premises, for this case: three papers are exempt",
        holds=consented.get("inForce") is True and all(_results(after)[key] == "EXEMPT" for key in EXEMPT),
        consented_to=name_of(consented.get("authority")), until=consented.get("expiresAt"), premises=_results(after)["premises"],
    )  # fmt: skip
    licence = next(each["licence"] for each in after["materials"] if each["key"] == "subject")
    teller.say(
        "Whether the capital is a million is answered; the capital itself is not",
        holds=after["meets"]["met"] is not None and licence["registeredCapital"] is None,
        question=after["meets"]["words"]["zh"], answer="是" if after["meets"]["met"] else "否", capital=licence["registeredCapital"],
    )  # fmt: skip
    _commit(teller, after)
    _show_form(teller, after)


def _read(teller: Teller, case: Mapping[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = teller.counter.ask(CASE, {"case": case})["case"]
    return read


def _results(read: Mapping[str, Any]) -> dict[str, str]:
    return {each["key"]: each["result"] for each in read.get("materials") or ()}


def _told(read: Mapping[str, Any]) -> dict[str, str]:
    return {each["name"]["zh"]: f"{each['result']} {each['reason']['words']['zh']}" for each in read["materials"]}


def _consent(teller: Teller, case: Mapping[str, Any]) -> dict[str, Any]:
    owner = case["applicant"]
    token = DemoPlatform.of(teller.city.folder).token(owner["codeType"], owner["code"])
    wish = {
        "authority": teller.counter.client.authority, "serviceItem": case["serviceItem"],
        "caseNumber": case["caseNumber"], "types": ["RealEstateTitle"],
    }  # fmt: skip
    given: dict[str, Any] = teller.counter.ask(CONSENT, {"input": wish}, token)["giveConsent"]
    return given


def _commit(teller: Teller, read: Mapping[str, Any]) -> None:
    material = next(each for each in read["materials"] if each["key"] == "fireSafety")
    wish = {
        "case": read["id"], "material": "fireSafety", "digest": material["commitment"]["digest"], "clerk": "演示窗口01",
        "idempotencyKey": secrets.token_hex(16),
    }  # fmt: skip
    made = teller.counter.ask(COMMIT, {"input": wish})["commitMaterial"]
    teller.say(
        "In place of a fourth paper it commits itself, and the case remembers until when that is checked",
        holds=made.get("state") == "OPEN", committed=material["commitment"]["text"]["zh"], checked_until=made.get("deadline"),
    )  # fmt: skip


def _show_form(teller: Teller, read: Mapping[str, Any]) -> None:
    fields = read["form"].get("fields", [])
    filled = [each for each in fields if each["value"]]
    teller.say(
        f"The form fills itself: {len(filled)} of {len(fields)} fields are to be checked, not written",
        holds=len(filled) == len(fields) - 1,
        **{each["label"]["zh"]: f"{each['value']}（{each['source']['type']}）" for each in filled},
    )
