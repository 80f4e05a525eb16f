"""Client systems by pages: added with a public key, never a private one, and ended at once; what they may read is seen before and after."""

import json
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from asn1crypto import pem as armour
from sqlalchemy import text as sql

from hub.access.staff.roles import AUDITOR
from hub.composition import Hub
from hub.demo.department import ASSERTION_TYPE
from keys.contracts import PrivateKey
from keys.suites import suite
from tests.acceptance import small_hub
from tests.acceptance.small_hub import COMPANY, ITEM, QUERY, READER, URL, grant
from tests.web.console.office import Office
from tests.web.visitor import Visitor, fields, text

CLIENTS = "/console/clients"
SAME = {"origin": URL, "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def boss(office: Office) -> Visitor:
    return office.visitor("HUB_ADMINISTRATOR")


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return suite("ES256").generate()


@pytest.fixture(scope="module")
def client_id(boss: Visitor, key: PrivateKey) -> str:
    """Let the administrator add the reader's system by its public key, pasted as PEM."""
    done = add(boss, key=pem(key))
    page = boss.get(done.headers["location"])
    assert "The client system may call" in text(page)
    (found,) = set(re.findall(rf'href="{CLIENTS}/(client-[0-9a-f]+)"', page.text))
    return str(found)


def pem(key: PrivateKey) -> str:
    return bytes(armour.armor("PUBLIC KEY", key.public.to_spki())).decode()


def add(visitor: Visitor, **given: str) -> httpx.Response:
    wanted = {"name": "卫生许可系统", "authority": READER, "licence:read": "yes", **given}
    return visitor.fill(f"{CLIENTS}/add", **{name: value for name, value in wanted.items() if value})


class Department:
    """The reader's system, that calls the very application."""

    def __init__(self, office: Office, client_id: str, key: PrivateKey) -> None:
        self.office = office
        self.visitor = office.stranger()
        self.client = small_hub.Client(self.visitor.http, client_id, key)

    def token(self) -> httpx.Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
        }
        return self.visitor.post("/oauth/token", form)

    def assertion(self) -> str:
        now = self.office.building.clock.now().timestamp()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(small_hub, "time", SimpleNamespace(time=lambda: now))
            return self.client.assertion()

    def read(self, number: str, token: str) -> dict[str, Any]:
        holder = COMPANY.holders[0]
        case = {
            "serviceItem": ITEM, "caseNumber": number, "legalBasis": "虚构条例",
            "applicant": {"codeType": holder["codeType"], "code": holder["code"]},
        }  # fmt: skip
        body = {"query": QUERY, "variables": {"case": case, "number": COMPANY.number}}
        told: dict[str, Any] = self.visitor.post(
            "/graphql", None, json=body, headers={"authorization": f"Bearer {token}"}
        ).json()
        return told


def test_a_client_that_is_ended_reads_nothing_from_that_moment_on(
    office: Office, boss: Visitor, client_id: str, key: PrivateKey
) -> None:
    _grant(office.hub)
    department = Department(office, client_id, key)
    token = department.token().json()["access_token"]
    before = department.read("C-1", token)
    assert before["data"]["case"]["licence"]["status"] == "VALID"
    asked = text(boss.get(f"{CLIENTS}/{client_id}/deactivate"))
    assert "Its tokens are refused from this moment on" in asked
    done = boss.fill(f"{CLIENTS}/{client_id}/deactivate")
    assert "The client system has ended" in text(boss.get(done.headers["location"]))
    after = department.read("C-2", token)
    assert after["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"
    assert department.token().status_code == 401
    boss.fill(f"{CLIENTS}/{client_id}/activate")
    assert (
        department.read("C-3", department.token().json()["access_token"])["data"]["case"]["licence"]["status"]
        == "VALID"
    )


def _grant(hub: Hub) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(small_hub, "date", _Day(hub))
        grant(hub)
    hub.refresh()


class _Day:
    """The hub's own day, for a helper that asks the machine's."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def today(self) -> Any:
        return self.hub.settings.calendar.day(self.hub.clock.now())


# -- looking -------------------------------------------------------------------------------------------------------------


def test_a_client_is_listed_and_shown_with_its_keys_and_scopes(boss: Visitor, client_id: str, key: PrivateKey) -> None:
    assert client_id in text(boss.get(CLIENTS))
    assert client_id in text(boss.get(f"{CLIENTS}?authority={READER}"))
    assert client_id not in text(boss.get(f"{CLIENTS}?authority=11990300MB0000003B"))
    shown = text(boss.get(f"{CLIENTS}/{client_id}"))
    for said in (
        "卫生许可系统",
        READER,
        "open cases and read granted fields",
        key.public.thumbprint(),
        "ES256",
        "the last one",
        "None registered",
    ):
        assert said in shown
    assert "issue, renew" not in shown
    assert boss.get(f"{CLIENTS}/client-none").status_code == 404


def test_a_list_goes_on_page_by_page(office: Office, boss: Visitor, key: PrivateKey) -> None:
    jwk = {**key.public.to_jwk(), "kid": "k"}
    for place in range(26):
        office.hub.access.add_client(f"系统{place:02}", READER, ["licence:read"], jwk, f"system-{place:02}")
    first = boss.get(f"{CLIENTS}?authority={READER}")
    (onward,) = re.findall(r'rel="next" href="([^"]+)"', first.text)
    second = boss.get(onward.replace("&amp;", "&"))
    assert len(set(re.findall(r"system-\d\d", first.text) + re.findall(r"system-\d\d", second.text))) == 26
    assert 'rel="next"' not in second.text


# -- keys ----------------------------------------------------------------------------------------------------------------


def test_a_key_is_added_as_a_file_and_an_old_one_retired(
    office: Office, boss: Visitor, client_id: str, key: PrivateKey
) -> None:
    newer = suite("Ed25519").generate()
    jwk = json.dumps({**newer.public.to_jwk(), "kid": "spring 2027".replace(" ", "-")}).encode()
    form = fields(boss.get(f"{CLIENTS}/{client_id}/keys/add")).hidden
    done = boss.send(
        "POST", f"{CLIENTS}/{client_id}/keys/add", data=form, files={"file": ("key.jwk", jwk)}, headers=SAME
    )
    assert "The key is added" in text(boss.get(done.headers["location"]))
    page = boss.get(f"{CLIENTS}/{client_id}")
    assert newer.public.thumbprint() in text(page)
    retire = next(each for each in re.findall(r'href="([^"]+keys/retire\?kid=[^"]+)"', page.text) if "spring" in each)
    assert "spring-2027" in text(boss.get(retire))
    proof = boss.fill(retire, f"{CLIENTS}/{client_id}/keys/retire")
    assert "The key is retired" in text(boss.get(proof.headers["location"]))
    last = boss.fill(
        f"{CLIENTS}/{client_id}/keys/retire?kid={key.public.thumbprint()}", f"{CLIENTS}/{client_id}/keys/retire"
    )
    assert last.status_code == 400  # the last one stays
    assert Department(office, client_id, key).token().status_code == 200


def private_keys() -> dict[str, str]:
    key = suite("ES256").generate()
    plain = key.to_pkcs8(None).decode()
    jwk = {**key.public.to_jwk(), "d": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I"}
    return {
        "PKCS#8": plain, "SEC1": plain.replace("PRIVATE KEY", "EC PRIVATE KEY"), "encrypted": plain.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"),
        "behind a public one": pem(key) + plain, "JWK": json.dumps(jwk), "JWK Set": json.dumps({"keys": [jwk]}),
    }  # fmt: skip


@pytest.mark.parametrize("form", ["PKCS#8", "SEC1", "encrypted", "behind a public one", "JWK", "JWK Set"])
def test_a_private_key_is_refused_with_a_word_and_is_nowhere_afterwards(
    office: Office, boss: Visitor, caplog: pytest.LogCaptureFixture, form: str
) -> None:
    given = private_keys()[form]
    secret = max(re.findall(r"[A-Za-z0-9+/_-]{30,}", given), key=len)
    told = add(boss, key=given)
    assert told.status_code == 400
    assert "This is a private key" in text(told)
    assert "卫生许可系统" in told.text  # the rest is kept
    assert secret not in told.text
    assert secret not in caplog.text
    with office.hub.database.snapshot() as session:
        rows = [bytes(row[0]).decode() for row in session.execute(sql("SELECT body FROM audit_record"))]
    assert not any(secret in row for row in rows)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"key": "no key"}, "no public key"),
        ({"key": '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}'}, "no public key"),
        ({"key": '["a"]'}, "no public key"),
        ({"key": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}, "no public key"),
        ({"key": "x" * 20_000}, "no public key"),
        ({"key": ""}, "Fill"),
        ({"name": ""}, "Fill"),
        ({"authority": ""}, "Fill"),
        ({"licence:read": ""}, "Fill"),
        ({"authority": "11990200MB00000099"}, "No authority has this credit code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(boss: Visitor, key: PrivateKey, given: dict[str, str], said: str) -> None:
    told = add(boss, **{"key": pem(key), **given})
    assert told.status_code in {400, 404}
    assert said.lower() in text(told).lower()


# -- who may not ---------------------------------------------------------------------------------------------------------


def test_nobody_else_changes_clients_by_a_form_he_makes_up(office: Office, client_id: str, key: PrivateKey) -> None:
    visitor = office.visitor(AUDITOR.name)
    token = {
        "form_token": fields(visitor.get("/console")).hidden["form_token"],
        "once": "k" * 20,
        "key": pem(key),
        "kid": key.public.thumbprint(),
    }
    for name in ("deactivate", "activate", "keys/add", "keys/retire"):
        refused = visitor.post(f"{CLIENTS}/{client_id}/{name}", token, headers=SAME)
        assert (refused.status_code, "ROLE_MISSING" in refused.text) == (403, True)
    assert visitor.get(CLIENTS).status_code == 403
    assert Department(office, client_id, key).token().status_code == 200


def test_the_record_names_who_did_it(office: Office, boss: Visitor, client_id: str) -> None:
    boss.fill(f"{CLIENTS}/{client_id}/deactivate")
    boss.fill(f"{CLIENTS}/{client_id}/activate")
    administrator = office.person("HUB_ADMINISTRATOR")
    with office.hub.database.snapshot() as session:
        rows = [
            json.loads(bytes(row[0]))
            for row in session.execute(sql("SELECT body FROM audit_record WHERE kind = 'client' ORDER BY sequence"))
        ]
    assert [row.get("staff") for row in rows[-2:]] == [administrator.id, administrator.id]
