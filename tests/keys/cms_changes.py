"""Changes of detached CMS signatures that only a test makes, by a library that writes what it is told."""

from collections.abc import Callable
from typing import Any

from asn1crypto import cms as asn1_cms

from keys.certificates import Certificate
from keys.contracts import PrivateKey

Change = Callable[[Any, Any], None]
"""Changes SignedData and SignerInfo."""


def long_length(der: bytes) -> bytes:
    """The same value in BER: the outer length takes a byte more than it needs."""
    return bytes([der[0], der[1] + 1, 0]) + der[2:]


def indefinite(der: bytes) -> bytes:
    """The same value in BER, as streaming writers write it."""
    return b"\x30\x80" + der[4:] + b"\x00\x00"


def changed(good: bytes, key: PrivateKey, change: Change, *, again: bool = False) -> bytes:
    """A good signature after a change of (SignedData, SignerInfo); `again`: the signer signs what it says now."""
    whole = asn1_cms.ContentInfo.load(good)
    content = whole["content"]
    info = content["signer_infos"][0]
    change(content, info)
    if again:
        info["signature"] = key.sign_der(b"\x31" + info["signed_attrs"].dump(force=True)[1:])
    return bytes(whole.dump(force=True))


def attribute(kind: str, value: Any) -> Any:
    """An attribute with one value."""
    return asn1_cms.CMSAttribute({"type": kind, "values": [value]})


def replaced(info: Any, kind: str, *new: Any) -> None:
    """Put others in the place of the signed attributes of a kind."""
    kept = [one for one in info["signed_attrs"] if one["type"].native != kind]
    info["signed_attrs"] = asn1_cms.CMSAttributes([*kept, *new])


def certificates_of(*certificates: Certificate) -> Any:
    """Certificates as a signature holds them."""
    return asn1_cms.CertificateSet([asn1_cms.CertificateChoices.load(one.der) for one in certificates])


def out_of_order(good: bytes) -> bytes:
    """The signed attributes as they were signed, but written in another order."""
    found = [one.dump() for one in asn1_cms.ContentInfo.load(good)["content"]["signer_infos"][0]["signed_attrs"]]
    return good.replace(b"".join(found), b"".join([*found[1:], found[0]]))
