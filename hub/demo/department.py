"""A department's system as an integrator would write it: token by private_key_jwt, GraphQL by POST, offline verification."""

import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from hub.demo.clients import DemoClient
from keys import jws
from keys.certificates import Certificate
from keys.receipt import status_in_receipt
from keys.report import Report
from keys.sd_jwt import peek
from keys.suites import load_private
from keys.trust import trust_from_metadata
from keys.verification import verify_presentation

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60


class Department:
    """One client system; knows nothing of the hub but its address, its own key and the makers' roots."""

    def __init__(self, client: DemoClient, folder: Path, url: str) -> None:
        """Read the client's private key."""
        self.client = client
        self._url = url
        self._key = load_private((folder / client.private_key).read_bytes(), None)
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self.token = ""

    def assertion(self) -> str:
        """Return a client assertion (RFC 7523): good for one minute, and once."""
        now = int(time.time())
        claims = {
            "iss": self.client.client_id, "sub": self.client.client_id, "aud": self._url,
            "iat": now, "exp": now + ASSERTION_SECONDS, "jti": secrets.token_urlsafe(24),
        }  # fmt: skip
        return jws.sign_jwt(claims, self._key, self.client.kid, "JWT")

    def sign_in(self, assertion: str | None = None) -> httpx.Response:
        """Fetch an access token and keep it."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
        }
        answer = self._http.post("/oauth/token", data=form)
        self.token = answer.json().get("access_token", self.token)
        return answer

    def ask(self, query: str, variables: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        """Send a GraphQL operation and return its data; `token` is that of somebody else who asks.

        Raises:
            RuntimeError: the hub answered with errors.
        """
        answer = self._http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token or self.token}"},
        )
        body: dict[str, Any] = answer.json()
        if "errors" in body or answer.is_error:
            raise RuntimeError(f"The hub answered {answer.status_code}: {body.get('errors', body)}")
        data: dict[str, Any] = body["data"]
        return data

    def issuer_metadata(self, presentation: str) -> dict[str, Any]:
        """Fetch the keys of the presentation's issuer, once and for all its licences."""
        path = str(peek(presentation)[1]["iss"]).removeprefix(self._url)
        document: dict[str, Any] = self._http.get(f"/.well-known/jwt-vc-issuer{path}").raise_for_status().json()
        return document

    def hub_keys(self) -> list[dict[str, Any]]:
        """Fetch the hub's public keys."""
        keys: list[dict[str, Any]] = self._http.get("/.well-known/jwks.json").raise_for_status().json()["keys"]
        return keys

    def roots(self) -> tuple[Certificate, ...]:
        """Fetch the makers' roots; a real department gets them by another way than from the hub itself."""
        return Certificate.load_pem_bundle(
            self._http.get("/.well-known/licence-hub/roots.pem").raise_for_status().content
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def verify_offline(
    presentation: str,
    receipt: str,
    metadata: dict[str, Any],
    hub_keys: list[dict[str, Any]],
    roots: tuple[Certificate, ...],
) -> Report:
    """Verify an answer without the hub: the seal by its chain, the status by the hub's receipt."""
    hub = metadata["issuer"].partition("/authorities/")[0]
    status = status_in_receipt(receipt, presentation, issuer=hub, keys=hub_keys)
    return verify_presentation(presentation, trust_from_metadata([metadata], roots), status, datetime.now(UTC))
