"""Why ciphertext may be opened: one frozen row a purpose, each pinned to the one module that opens it.

An architecture test reads every call of `Vault.open` and compares it with `opened_by`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Purpose:
    """Ciphertext of one kind: its name and table (both are associated data), and the module that may open it."""

    name: str
    table: str
    opened_by: str


FACE = Purpose("face", "licence_part", "hub.sharing.disclosure")
REASON = Purpose("reason", "licence_event", "hub.sharing.history")
PARTY = Purpose("party", "case_party", "hub.sharing.cases")
CONSENT = Purpose("holder consent", "holder_consent", "hub.sharing.consents.keeping")
REPLY = Purpose("reply", "idempotent_reply", "hub.access.idempotency")
INDEX_INPUT = Purpose("input", "vault_index", "hub.vault.rotation")
PLAN = Purpose("plan", "import_job", "hub.licences.importing.plans")
REJECT = Purpose("reject", "import_reject", "hub.licences.importing.rejects")
UPLOAD = Purpose("upload", "import_chunk", "hub.licences.importing.uploads")
PROMISE = Purpose("promise", "material_promise", "hub.sharing.materials.promise_list")
IMPRESSION = Purpose("impression", "seal_picture", "hub.seals.impressions")
STAFF_NAME = Purpose("staff name", "staff_account", "hub.access.staff.accounts")
DISPUTE = Purpose("disputed value", "value_dispute", "hub.sharing.forms.disputes")
STAFF_SECRETS = Purpose("staff secrets", "staff_account", "hub.access.staff.accounts")
WEBHOOK_SECRET = Purpose("webhook secret", "webhook", "hub.changes.webhooks.receiver_secrets")
PRESENTATION = Purpose("presented", "presentation", "hub.counters.presentations.keeping")
RENDITION = Purpose("rendition file", "rendition_file", "hub.renditions.downloads")
UNFINISHED = Purpose("unfinished licence", "unfinished_licence", "hub.licences.unfinished.service")
REGISTER = Purpose("entry", "register_entry", "hub.sharing.register_disclosure")

PURPOSES = (
    FACE,
    REASON,
    PARTY,
    CONSENT,
    REPLY,
    INDEX_INPUT,
    PLAN,
    REJECT,
    UPLOAD,
    STAFF_NAME,
    STAFF_SECRETS,
    IMPRESSION,
    REGISTER,
    PROMISE,
    DISPUTE,
    WEBHOOK_SECRET,
    PRESENTATION,
    RENDITION,
    UNFINISHED,
)


class Domain(NamedTuple):
    """A blind index's domain: equal values in two domains have unrelated indexes."""

    kind: str
    scope: str


@lru_cache(maxsize=1024)
def holder(type_key: str) -> Domain:
    """Return the domain of holders of one licence type."""
    return Domain("HOLDER", type_key)


@lru_cache(maxsize=1024)
def number(type_key: str) -> Domain:
    """Return the domain of licence numbers of one licence type."""
    return Domain("NUMBER", type_key)


def uniqueness(type_key: str) -> Domain:
    """Return the domain of uniqueness scopes of one licence type."""
    return Domain("UNIQUENESS", type_key)


def register(key: str) -> Domain:
    """Return the domain of those who stand in one register, by their codes."""
    return Domain("REGISTER", key)


def register_name(key: str) -> Domain:
    """Return the domain of codes together with names of one register: a name alone leads nowhere."""
    return Domain("REGISTER_NAME", key)


def case_party(authority: str) -> Domain:
    """Return the domain of applicants and parties in one authority's cases."""
    return Domain("CASE_PARTY", authority)


def consent_of(authority: str) -> Domain:
    """Return the domain that leads from a person to the consents he gave one authority."""
    return Domain("CONSENT", authority)


def consent_to(authority: str) -> Domain:
    """Return the domain that leads from a person and a case of one authority to his consents."""
    return Domain("CONSENT_CASE", authority)


def presentation(authority: str) -> Domain:
    """Return the domain that leads from a person to what he has shown, or may show now, to one authority."""
    return Domain("PRESENTED", authority)


def promise() -> Domain:
    """Return the domain of applicants who made commitments or were granted deferrals, in the whole hub: a breach counts everywhere."""
    return Domain("PROMISE", "")


def rendition() -> Domain:
    """Return the domain of those whom files are about that wait to be downloaded."""
    return Domain("RENDITION", "")


def access(type_key: str) -> Domain:
    """Return the domain that leads from a person to the subject handles of access records of one type."""
    return Domain("ACCESS", type_key)


def dispute(authority: str) -> Domain:
    """Return the domain of those whom disputes about one authority's data are about."""
    return Domain("DISPUTE", authority)


def request(client_id: str) -> Domain:
    """Return the domain of one client's idempotency keys and request digests."""
    return Domain("REQUEST", client_id)


def sign_in(kind: str) -> Domain:
    """Return the domain of the login names or addresses under which somebody tries to sign in."""
    return Domain("SIGN_IN", kind)


def subject(issuer: str) -> Domain:
    """Return the domain that leads from a person as an OpenID provider calls him to his account of staff."""
    return Domain("SUBJECT", issuer)


def imported(authority: str) -> Domain:
    """Return the domain of the files that one authority has imported."""
    return Domain("IMPORT", authority)


def person(code_type: str, code: str) -> str:
    """Return the indexed value of a person or organisation: code type and normalised code."""
    return f"{code_type}:{code}"
