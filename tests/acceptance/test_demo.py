"""The demonstration, as a new user and as a script meet it: its story is true, and demo.json is enough to call the hub."""

import os
import re
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from stdnum.iso7064 import mod_37_36

from hub.access.staff.roles import ROLES
from hub.demo.asking import department_of
from hub.demo.department import Department
from keys.trust import trust_from_metadata
from keys.verification import verify_presentation
from tests.acceptance.demonstration import plain_words, run, serving
from tests.acceptance.typed import typed

ROOT = Path(__file__).parents[2]
STEPS = 26
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with serving(tmp_path_factory.mktemp("demo") / "demo-data") as manifest:
        yield manifest


@pytest.fixture
def departments(demo: dict[str, Any]) -> Iterator[list[Department]]:
    made = [department_of(demo, demo["folder"], place) for place in range(len(demo["clients"]))]
    for department in made:
        department.sign_in()
    yield made
    for department in made:
        department.close()


def test_the_story_is_told_and_every_step_holds(demo: dict[str, Any]) -> None:
    assert demo["story"].count("✓") == STEPS
    assert "✗" not in demo["story"]


def test_demo_json_is_private_and_names_what_scripts_need(demo: dict[str, Any]) -> None:
    assert stat.S_IMODE((demo["folder"] / "demo.json").stat().st_mode) == 0o600
    assert len(demo["clients"]) == 3
    assert {purpose["refused"] for client in demo["clients"] for purpose in client["purposes"]} == {True, False}
    assert all(
        (demo["folder"] / client["private_key"]).read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
        for client in demo["clients"]
    )
    assert (
        httpx.get(f"{demo['url']}/.well-known/oauth-authorization-server").json()["token_endpoint"]
        == demo["token_endpoint"]
    )


def test_the_city_is_complete(demo: dict[str, Any]) -> None:
    licences = demo["licences"]
    assert len(licences) == 5000
    assert len({licence["identifier"] for licence in licences}) == 5000
    assert len({licence["type"] for licence in licences}) == 24
    assert {"VALID", "EXPIRED", "REVOKED"} <= {licence["status"] for licence in licences}
    for licence in licences[::50]:
        assert mod_37_36.is_valid(licence["identifier"].removeprefix("1.2.156.3005.2.").replace(".", ""))
    query = "{ authorities(first: 100) { edges { cursor } } licenceTypes(first: 100) { edges { cursor } } }"
    catalogue = httpx.get(demo["graphql"], params={"query": query}).json()["data"]
    assert (len(catalogue["authorities"]["edges"]), len(catalogue["licenceTypes"]["edges"])) == (30, 24)


def test_the_ready_query_answers_with_a_proof_that_verifies(
    demo: dict[str, Any], departments: list[Department]
) -> None:
    licence = departments[0].ask(demo["query"], demo["variables"])["case"]["licence"]
    assert licence["status"] == "VALID"
    assert {"path": "registeredCapital", "reason": "NOT_GRANTED"} in licence["withheld"]
    presentation = licence["proof"]["sdJwt"]
    trust = trust_from_metadata([departments[0].issuer_metadata(presentation)], departments[0].roots())
    report = verify_presentation(presentation, trust, None, datetime.now(UTC))
    assert {check.name for check in report.checks if check.outcome != "PASSED"} == {"STATUS"}
    assert report.claims is not None
    assert report.claims["legalRepresentative"] == licence["legalRepresentative"]
    assert "registeredCapital" not in report.claims


def test_the_explorer_asks_what_is_ready_and_a_token_for_it_is_printed(demo: dict[str, Any]) -> None:
    example = (ROOT / "hub/web/explorer/front/examples.js").read_text("utf-8")
    case = demo["variables"]["case"]
    values = (case["serviceItem"], case["caseNumber"], case["applicant"]["code"], case["legalBasis"])
    assert [each for each in (*values, demo["variables"]["number"]) if f'"{each}"' not in example] == []
    printed = typed(("token", demo["folder"]), os.environ)
    headers = {"Authorization": f"Bearer {printed.stdout.strip()}"}
    query = {"query": demo["query"], "variables": demo["variables"]}
    answer = httpx.post(demo["graphql"], json=query, headers=headers).json()
    assert answer["data"]["case"]["licence"]["status"] == "VALID"
    assert "make pages" in (page := httpx.get(f"{demo['url']}/explorer").text) or 'id="explorer"' in page


def test_a_token_of_the_holder_is_printed_and_shows_who_read_his_card(demo: dict[str, Any]) -> None:
    printed = typed(("token", "--holder", demo["folder"]), os.environ)
    query = "{ holder { ... on HolderView { accesses(own: false) { edges { node { outcome type { key } } } } } } }"
    headers = {"Authorization": f"Bearer {printed.stdout.strip()}"}
    answer = httpx.post(demo["graphql"], json={"query": query}, headers=headers).json()
    seen = {edge["node"]["type"]["key"] for edge in answer["data"]["holder"]["accesses"]["edges"]}
    assert "ResidentIdentityCard" in seen


def test_one_of_the_staff_signs_in_for_each_role(demo: dict[str, Any]) -> None:
    assert {each["role"] for each in demo["staff"]} == set(ROLES)
    for login in ("officer", "auditor"):
        printed = typed(("token", "--staff", login, demo["folder"]), os.environ).stdout
        given = dict(line.partition(",")[0].split(" ") for line in printed.splitlines())
        with httpx.Client(base_url=demo["url"], headers={"accept": "text/html"}) as browser:
            hidden = dict(HIDDEN.findall(browser.get("/sign-in").text))
            answer = browser.post("/sign-in", data={**hidden, **given}, headers={"origin": demo["url"]})
            assert (answer.status_code, "session" in browser.cookies) == (303, True), answer.text


@pytest.mark.parametrize("client", [0, 1])
def test_purposes_are_refused_or_not_as_demo_json_says(
    demo: dict[str, Any], departments: list[Department], client: int
) -> None:
    query = "query Open($case: CaseInput!) { case(input: $case) { __typename ... on Problem { code } } }"
    for purpose in demo["clients"][client]["purposes"]:
        answer = departments[client].ask(query, {"case": purpose["input"]})["case"]
        assert (answer["__typename"] == "Problem") is purpose["refused"], answer


def test_nobody_stands_in_the_clear_in_what_the_hub_keeps(demo: dict[str, Any]) -> None:
    words = {licence[name] for licence in demo["licences"] for name in ("number",)}
    words |= {licence["holder"][name] for licence in demo["licences"] for name in ("code", "name")}
    assert len(words) > 5000
    assert plain_words(demo["folder"], words) == {}


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("keep me")
    refused = run("--once", "--dir", str(tmp_path), "--port", "0")
    assert refused.returncode == 1
    assert "SETTINGS_INVALID" in refused.stdout
    assert (tmp_path / "letter.txt").read_text() == "keep me"


def test_a_port_in_use_is_said_before_anything_is_built(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("--once", "--dir", str(tmp_path / "demo"), "--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port}" in refused.stdout
    assert not (tmp_path / "demo").exists()
