"""A checker of evidence packages by somebody who has read docs/formats.md and nothing of the product: standard library and `cryptography`.

It knows ES256 alone (of answers under other seals it checks everything but the seal's signature), takes roots from the trust list, and
says yes or no. It shares no line with `keys`.
"""

import base64
import hashlib
import hmac
import io
import json
import re
import ssl
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

SHARED = {"hub/jwks.json", "hub/trust-list.jwt", "hub/log-keys.txt"}
UNLISTED = {"manifest.json", "manifest.jwt"}
LISTED = {
    **dict.fromkeys(("VALID", "NOT_YET_VALID", "EXPIRED"), 0), **dict.fromkeys(("WITHDRAWN", "CANCELLED", "REVOKED"), 1),
    "SUSPENDED": 2, "TRANSFERRED_OUT": 3, "SUPERSEDED": 3,
}  # fmt: skip


class Refused(Exception):  # noqa: N818 - a judge's word
    """The package does not prove what it says."""


@dataclass(frozen=True)
class Believed:
    """What the judge got by another way."""

    keys: Sequence[Mapping[str, str]]
    log_key: str
    witness_key: str | None


@dataclass(frozen=True)
class Judged:
    """What is proven of one answer, and the moment at which it existed, if a witness says so."""

    values: Any
    existed_at: int | None


def judged(data: bytes, believed: Believed) -> list[Judged]:
    """Return what a package proves; raises Refused."""
    try:
        files = _files(data)
        manifest = _json(files["manifest.json"])
        _need(manifest["format"] == "licence-hub-evidence/1", "another format")
        _need(set(manifest["files"]) == set(files) - UNLISTED, "files that are not listed")
        _need(all(_digest(files[name]) == told for name, told in manifest["files"].items()), "a changed file")
        signed = _jwt(files["manifest.jwt"], believed, "evidence+jwt")
        told = (signed["iss"], signed["iat"], signed["manifest_sha256"])
        _need(told == (manifest["hub"], manifest["made_at"], _digest(files["manifest.json"])), "another manifest")
        listed = _jwt(files["hub/trust-list.jwt"], believed, "trust-list+jwt")
        _need(listed["iss"] == manifest["hub"], "another hub's list")
        _need(listed["iat"] - 60 <= manifest["made_at"] < listed["exp"], "a list of another time")
        return [_answer(one, manifest, files, listed, believed) for one in manifest["answers"]]
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, InvalidSignature) as error:
        raise Refused(type(error).__name__) from error


def _need(truth: bool, what: str) -> None:  # noqa: FBT001 - a question
    if not truth:
        raise Refused(what)


def _files(data: bytes) -> dict[str, bytes]:
    """The one form: sorted, stored, 1 January 1980, nothing else in the file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [one.filename for one in entries]
            _need(names == sorted(set(names)), "names")
            _need(
                all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*){0,3}", one) for one in names), "a name"
            )
            stored = ((one.compress_type, one.flag_bits, one.extra, one.comment) == (0, 0, b"", b"") for one in entries)
            _need(all(stored) and not archive.comment, "more than files")
            size = 22 + sum(76 + 2 * len(one.filename) + one.file_size for one in entries)
            _need(size == len(data) and data[:4] == b"PK\x03\x04", "more than files")
            return {name: archive.read(name) for name in names}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise Refused("no ZIP") from error


def _answer(
    one: Mapping[str, Any], manifest: Mapping[str, Any], files: Mapping[str, bytes], listed: Mapping[str, Any],
    believed: Believed,
) -> Judged:  # fmt: skip
    own = {name.removeprefix(f"{one['folder']}/"): content for name, content in files.items()}
    record, case = _json(own["record.json"]), manifest["case"]
    is_it = (record["id"], record["kind"], record["outcome"], record["authority"], record["item"])
    _need(is_it == (one["record"], "access", "DISCLOSED", case["authority"], case["item"]), "another record")
    seconds = record["time"] // 1_000_000
    existed_at = _logged(own, manifest["log"], believed)
    _need(_digest(own["presentation.txt"]) == record["presentation"], "another presentation")
    header, claims, clear = _sealed(own["presentation.txt"].decode(), one, files, listed)
    answer = _json(own["answer.json"])
    _need(set(answer) == {"type", "licence", "version", "disclosed", "withheld", "values"}, "more than an answer")
    shown = {name: value for name, value in claims.items() if name not in clear}
    _need(_spelled(answer["values"]) == _spelled(shown), "another answer")
    for name in ("type", "licence", "version", "disclosed", "withheld"):
        _need(_spelled(answer[name]) == _spelled(record[name]), name)
    _need(claims["licence_identifier"] == record["licence"], "another licence")
    _need(claims["vct"].startswith(f"urn:licence-hub:type:{record['type']}:"), "another type")
    _need(header["seal"] in {seal["seal"] for seal in listed["seals"]}, "no seal of the hub")
    receipt = _jwt(own["receipt.jwt"], believed, "late-receipt+jwt")
    expected = {
        "iss": manifest["hub"], "jti": record["id"], "answered_at": seconds, "licence_identifier": record["licence"],
        "record_sha256": _digest(own["record.json"]), "presentation_sha256": record["presentation"],
        "requester": {"authority": record["authority"], "client": record["client"]},
        "case": {"item": case["item"], "number": case["number"]},
    }  # fmt: skip
    _need(all(receipt[name] == value for name, value in expected.items()), "another receipt")
    _status(files[one["status"]], claims, receipt["status"], seconds, believed)
    return Judged(answer["values"], existed_at)


def _logged(own: Mapping[str, bytes], origin: str, believed: Believed) -> int | None:
    """The record is a leaf of the log whose checkpoint the log signed; returns the witness's time."""
    head, note = own["inclusion.tlog-proof"].decode().split("\n\n", 1)
    first, place, *hashes = head.split("\n")
    _need(first == "c2sp.org/tlog-proof@v1" and place.startswith("index "), "no proof")
    _need(len(own["salt.bin"]) == 16, "no salt")
    text, signatures = note.rsplit("\n\n", 1)
    name, size, root = text.split("\n")[:3]
    leaf = hmac.digest(own["salt.bin"], own["record.json"], "sha256")
    found = _root(int(place[6:]), int(size), leaf, [base64.b64decode(each) for each in hashes])
    _need(base64.b64encode(found).decode() == root, "not a leaf of that tree")
    _need(name == origin == believed.log_key.split("+")[0], "another log")
    lines = signatures.splitlines()
    body = f"{text}\n".encode()
    _need(_note_signature(lines, believed.log_key, lambda value: (value, body)) is not None, "not signed by the log")
    if believed.witness_key is None:
        return None
    when = _note_signature(
        lines, believed.witness_key,
        lambda value: (value[8:], f"cosignature/v1\ntime {int.from_bytes(value[:8], 'big')}\n".encode() + body),
    )  # fmt: skip
    return None if when is None else int.from_bytes(when[:8], "big")


def _note_signature(lines: Sequence[str], verifier: str, parts: Any) -> bytes | None:
    name, told, key = verifier.split("+", 2)
    typed = base64.b64decode(key)
    _need(hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4].hex() == told, "no verifier key")
    for line in lines:
        dash, who, blob = line.split(" ")
        value = base64.b64decode(blob)
        if dash == "\u2014" and who == name and value[:4].hex() == told:
            signature, signed = parts(value[4:])
            Ed25519PublicKey.from_public_bytes(typed[1:]).verify(signature, signed)
            return value[4:]
    return None


def _root(index: int, size: int, entry: bytes, proof: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    _need(index < size, "no such place")
    place, last, found = index, size - 1, hashlib.sha256(b"\0" + entry).digest()
    for step in proof:
        _need(last > 0, "a proof too long")
        if place % 2 or place == last:
            found = hashlib.sha256(b"\1" + step + found).digest()
            while place and place % 2 == 0:
                place, last = place // 2, last // 2
        else:
            found = hashlib.sha256(b"\1" + found + step).digest()
        place, last = place // 2, last // 2
    _need(last == 0, "a proof too short")
    return found


def _sealed(
    presentation: str, one: Mapping[str, Any], files: Mapping[str, bytes], listed: Mapping[str, Any]
) -> tuple[Any, Any, Any]:
    """Header, claims with the disclosed values in their places, and the clear claims."""
    token, *disclosures, end = presentation.split("~")
    _need(end == "", "no presentation")
    head, body, value = token.split(".")
    header, payload = _json(_b64u(head)), _json(_b64u(body))
    chain = [each + ssl.PEM_FOOTER for each in files[one["chain"]].decode().split(ssl.PEM_FOOTER)[:-1]]
    ders = [ssl.PEM_cert_to_DER_cert(each.strip()) for each in chain]
    _need(_digest(ders[0]) == header["kid"], "another key's chain")
    roots = {base64.b64decode(each) for each in listed["roots"]}
    _need(ders[-1] in roots, "no root that the hub believes")
    keys = {key["kid"]: seal for seal in listed["seals"] for key in seal["keys"]}
    seal = keys[header["kid"]]
    _need(seal["seal"] == header["seal"] and seal["issuer"] == payload["iss"], "another seal")
    _need(seal["nbf"] <= payload["iat"] < seal["exp"], "a seal that did not hold")
    if one["seal"] is not None:
        _need(seal["seal"].encode() in files[one["seal"]], "another seal's file")
    digest = "sm3" if payload["_sd_alg"] == "sm3" else "sha256"
    if header["alg"] == "ES256":
        signer = x509.load_der_x509_certificate(ders[0])
        signer.verify_directly_issued_by(x509.load_der_x509_certificate(ders[-1]))
        _es256(signer.public_key(), value, f"{head}.{body}")
    known = {_digest(each.encode(), digest): _json(_b64u(each)) for each in disclosures}
    claims = _placed({name: each for name, each in payload.items() if name != "_sd_alg"}, known)
    _need(not known, "disclosures that nobody signed")
    return header, claims, {name for name in payload if not name.startswith("_sd")}


def _placed(value: Any, known: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        found = {name: _placed(each, known) for name, each in value.items() if name != "_sd"}
        for digest in value.get("_sd", ()):
            if digest in known:
                _, name, inner = known.pop(digest)
                found[name] = _placed(inner, known)
        return found
    if isinstance(value, list):
        elements = []
        for each in value:
            if not isinstance(each, dict) or "..." not in each:
                elements.append(_placed(each, known))
            elif each["..."] in known:
                elements.append(_placed(known.pop(each["..."])[1], known))
        return elements
    return value


def _status(token: bytes, claims: Mapping[str, Any], told: str, at: int, believed: Believed) -> None:
    listed, place = _jwt(token, believed, "statuslist+jwt"), claims["status"]["status_list"]
    _need(listed["sub"] == place["uri"], "another status list")
    _need(listed["iat"] - 60 <= at < listed["exp"], "a status list of another time")
    packed = zlib.decompress(_b64u(listed["status_list"]["lst"]))
    value = packed[place["idx"] // 4] >> 2 * (place["idx"] % 4) & 3
    _need(LISTED[told] == value, "the list says otherwise")


def _jwt(token: bytes, believed: Believed, typ: str) -> Any:
    head, body, value = token.decode().split(".")
    header = _json(_b64u(head))
    _need((header["typ"], header["alg"]) == (typ, "ES256"), "a token of another type")
    jwk = next((each for each in believed.keys if each["kid"] == header["kid"]), None)
    _need(jwk is not None, "nobody's key")
    assert jwk is not None
    x, y = (int.from_bytes(_b64u(jwk[one]), "big") for one in "xy")
    _es256(ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key(), value, f"{head}.{body}")
    return _json(_b64u(body))


def _es256(key: Any, value: str, signed: str) -> None:
    raw = _b64u(value)
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key.verify(encode_dss_signature(*halves), signed.encode(), ec.ECDSA(SHA256()))


def _spelled(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(content: bytes, name: str = "sha256") -> str:
    return base64.urlsafe_b64encode(hashlib.new(name, content).digest()).rstrip(b"=").decode()


def _b64u(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(content: bytes) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _need(len(dict(pairs)) == len(pairs), "a member twice")
        return dict(pairs)

    return json.loads(content, object_pairs_hook=once)
