"""This hub as the provider's client: it sends browsers there, takes their answers, and asks whose the code is.

Decides who came back: the subject of an ID token that belongs to the very sign-in that this browser began, of this issuer and no other. A code is
tried once. What cannot be checked (the provider is silent, slow or sends something else) is ProviderUnavailableError, never a pass.
"""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

from hub.access.published_keys import PublishedKeys
from hub.access.published_tokens import UnknownKeyError
from hub.access.staff.openid import id_token, transactions
from hub.access.staff.openid.discovery import LOG, MOST_BYTES, SECONDS, Discovery, PublishedBy
from hub.access.staff.openid.transactions import Transaction
from hub.access.staff.refusals import ProviderAnswerError, ProviderRefusedError, ProviderUnavailableError
from hub.clock import Clock
from hub.errors import SettingsError
from hub.fetching import FetchError, Service
from hub.openid import ClientProof, OpenIdProvider, ResponseMode, SignInRules
from hub.settings import read_secret
from keys import jws, strict_json
from keys.errors import KeysError
from keys.own_key import OwnKey
from keys.store import KeyStore
from keys.suites import PrivateKey, load_private

KEY_NAME: Final = "hub/sign-in-1"
RETURN: Final = "/sign-in/provider/return"
_SUITE: Final = "ES256"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 60
_FORM: Final = "application/x-www-form-urlencoded"
_KEYS: Final = ("application/json", "application/jwk-set+json")
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class Returned:
    """Who came back: the person as the provider calls him, and what was to follow."""

    issuer: str
    subject: str = field(repr=False)
    transaction: Transaction


class RelyingParty:
    """Speaks with one provider."""

    def __init__(
        self,
        provider: OpenIdProvider,
        store: KeyStore,
        clock: Clock,
        public_url: str,
        discovery: Discovery | None = None,
    ) -> None:
        """`public_url` is this hub's address; call `prepare` before the first use."""
        self.provider = provider
        self._clock = clock
        self._public_url = public_url
        self._discovery = discovery or Discovery(provider)
        self._own = OwnKey(store, KEY_NAME, _SUITE)
        self._keys = PublishedKeys(PublishedBy(provider.algorithms), ProviderUnavailableError, LOG, self._fetched_keys)

    @classmethod
    def of(cls, rules: SignInRules, store: KeyStore, clock: Clock, public_url: str) -> "RelyingParty | None":
        """Return that of a hub whose staff sign in by these rules; None: they have no provider."""
        return cls(rules.provider, store, clock, public_url) if rules.provider else None

    def prepare(self) -> None:
        """Make the key by which this hub proves itself, where it is to have one of its own; refuse files that cannot be used.

        Raises:
            SettingsError: the file of the secret or of the key cannot be read, or holds something else.
        """
        if self.provider.secret_file is not None:
            self._secret()
        elif self.provider.key_file is None:
            self._own.make()
        else:
            self._private()

    def jwks(self) -> dict[str, Any]:
        """Return the keys by which the provider knows this hub; none where it has a secret."""
        if self.provider.secret_file is not None:
            return {"keys": []}
        public = self._private().public
        return {
            "keys": [{**public.to_jwk(), "kid": public.thumbprint(), "alg": public.suite.jose_algorithm, "use": "sig"}]
        }

    def _fetched_keys(self) -> bytes:
        return Service(self._discovery.metadata().endpoints.keys, _KEYS, MOST_BYTES, SECONDS).get()

    # -- out -----------------------------------------------------------------------------------------------------------

    def address(self, transaction: Transaction) -> str:
        """Return where a browser is sent to begin.

        Raises:
            ProviderUnavailableError: it is not known where.
        """
        asked = {
            "response_type": "code", "client_id": self.provider.client_id, "redirect_uri": self._redirect, "scope": "openid",
            "state": transaction.state, "nonce": transaction.nonce, "code_challenge": transaction.challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        if self.provider.response_mode is not ResponseMode.QUERY:
            asked["response_mode"] = self.provider.response_mode
        if self.provider.acr:
            asked["acr_values"] = " ".join(self.provider.acr)
        if self.provider.max_age is not None:
            asked["max_age"] = str(self.provider.max_age)
        return _with(self._discovery.metadata().endpoints.authorization, asked)

    def sign_out_address(self) -> str | None:
        """Return where a browser is sent to sign out there too (OpenID Connect RP-Initiated Logout 1.0); None: nowhere, or it is not known now."""
        try:
            address = self._discovery.metadata().endpoints.end_session
        except ProviderUnavailableError:
            return None
        back = {"client_id": self.provider.client_id, "post_logout_redirect_uri": f"{self._public_url}/sign-in"}
        return None if address is None else _with(address, back)

    # -- and back ------------------------------------------------------------------------------------------------------

    def returned(self, answer: Mapping[str, str], kept: str | None) -> Returned:
        """Tell who came back with an answer of the provider, in the browser that keeps this; call it on a worker thread.

        Raises:
            ProviderAnswerError: it does not verify.
            ProviderRefusedError: the provider signed nobody in, or does not take the code.
            ProviderUnavailableError: it could not be checked.
        """
        transaction = transactions.returned(answer.get("state", ""), kept, int(self._now()))
        named = answer.get("iss")
        if named != self.provider.issuer and (named is not None or self._discovery.metadata().names_itself):
            raise ProviderAnswerError("The answer is of another issuer than the one that was asked.")
        if "error" in answer or not answer.get("code"):
            raise ProviderRefusedError
        if len(answer["code"]) > _LONGEST:
            raise ProviderAnswerError
        token = self._token(answer["code"], transaction)
        return Returned(self.provider.issuer, self._subject(token, transaction), transaction)

    def _token(self, code: str, transaction: Transaction) -> str:
        endpoint = self._discovery.metadata().endpoints.token
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
            "code_verifier": transaction.verifier, **self._assertion(),
        }  # fmt: skip
        try:
            reply = Service(endpoint, ("application/json",), MOST_BYTES, SECONDS).post(
                urlencode(form).encode(), _FORM, self._authorization()
            )
            token = strict_json.loads_object(reply).get("id_token")
        except FetchError as error:
            LOG.error("the OpenID provider's token endpoint gave no token: %s", error)
            raise (ProviderRefusedError if error.status in {400, 401, 403} else ProviderUnavailableError) from error
        except KeysError as error:
            LOG.error("the OpenID provider's token endpoint answered something else than JSON")
            raise ProviderUnavailableError from error
        if not isinstance(token, str):
            raise ProviderAnswerError("The provider sent no ID token.")
        return token

    def _subject(self, token: str, transaction: Transaction) -> str:
        try:
            return self._keys.judged(
                lambda keys: id_token.subject(token, keys, self.provider, transaction.nonce, self._now())
            )[0]
        except UnknownKeyError as error:
            raise ProviderAnswerError from error

    # -- how this hub proves itself ------------------------------------------------------------------------------------

    def _authorization(self) -> dict[str, str]:
        """Return the header of client_secret_basic (RFC 6749 section 2.3.1)."""
        if self.provider.proof is not ClientProof.BASIC:
            return {}
        pair = f"{quote_plus(self.provider.client_id)}:{quote_plus(self._secret())}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}

    def _assertion(self) -> dict[str, str]:
        """Return the assertion of private_key_jwt; its audience is the issuer, and nobody else (RFC 7523, as amended)."""
        if self.provider.proof is not ClientProof.PRIVATE_KEY_JWT:
            return {}
        key, now, mine = self._private(), int(self._now()), self.provider.client_id
        claims = {
            "iss": mine, "sub": mine, "aud": self.provider.issuer, "jti": secrets.token_urlsafe(24),
            "iat": now, "exp": now + _ASSERTION_SECONDS,
        }  # fmt: skip
        made = jws.sign_jwt(claims, key, key.public.thumbprint(), "JWT")
        return {"client_id": mine, "client_assertion_type": _ASSERTION, "client_assertion": made}

    def _private(self) -> PrivateKey:
        if self.provider.key_file is None:
            return self._own.private
        try:
            return load_private(
                read_secret(self.provider.key_file, "The file of HUB_OIDC_KEY_FILE", forbidden=0o077), None
            )
        except KeysError:
            raise SettingsError(
                "The file of HUB_OIDC_KEY_FILE holds no private key (PKCS#8 PEM) of a suite this hub knows."
            ) from None

    def _secret(self) -> str:
        if self.provider.secret_file is None:
            raise SettingsError("Set HUB_OIDC_SECRET_FILE.")
        try:
            return read_secret(self.provider.secret_file, "The file of HUB_OIDC_SECRET_FILE", forbidden=0o077).decode()
        except UnicodeDecodeError:
            raise SettingsError("The file of HUB_OIDC_SECRET_FILE is not text in UTF-8.") from None

    @property
    def _redirect(self) -> str:
        return f"{self._public_url}{RETURN}"

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(asked)}"
