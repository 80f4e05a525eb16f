"""The measure of the hub: its look-up of a licence in a case as one would write it by hand, without GraphQL and without layers.

One raw ASGI endpoint under uvicorn, on the hub's database and key store, that does for `case` -> business licence by number what the hub does: token,
purpose, grants in memory, the case and its applicant, the licence by its blind index, its holder, decryption, granted fields, the presentation, a
record that is durable under the policy epoch before the answer leaves, a line of access log.

Left out of what the hub does for the same request: documents, plans and types of GraphQL; a trusted document that says which fields are meant (they are
fixed here); limits of time, size, depth and budget, and strictness about JSON; refusals on record (they are answered, with nothing of a licence); cases
that are opened for the first time, have parties or a natural person as applicant; licences of several holders, with images or with consent; rotation of
index keys; proxies before it; metrics, and the work beside requests (log, figures, feed).

Run as a process of its own, with a hub's settings: `python -m benchmarks.by_hand PORT`.
"""

import asyncio
import gc
import hmac
import os
import re
import sys
import time
from base64 import b64encode
from binascii import a2b_base64
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b, sha256
from operator import mul
from typing import Any, Final, NamedTuple

import orjson
import uvicorn
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.types import Receive, Scope, Send

from benchmarks.by_hand_memory import Granted, Memory, read_memory
from benchmarks.by_hand_rows import Batches, Key, Record, Row, Rows, open_rows
from benchmarks.companies import TYPE
from benchmarks.scene import ASKED
from hub.catalogue.codes import CREDIT_ALPHABET, holds_citizen_number
from hub.composition import Hub, open_hub
from hub.errors import AccessError
from hub.settings import read_settings

PATH: Final = "/licence"
MOST_RERUNS: Final = 8
LARGEST: Final = 64 * 1024
READ: Final = "licence:read"
_CASE_NUMBER: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
_CREDIT_CODE: Final = re.compile(rf"[{CREDIT_ALPHABET}]{{2}}[0-9]{{6}}[{CREDIT_ALPHABET}]{{10}}")
_VALUE_OF: Final = bytes(max(CREDIT_ALPHABET.find(chr(each)), 0) for each in range(256))
_WEIGHTS: Final = (*(3**place % 31 for place in range(17)), 1)
_UUID: Final = re.compile(rb"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_URL: Final = bytes.maketrans(b"+/", b"-_")
_LONGEST_BASIS: Final = 200
_BEGIN: Final = [
    (b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"vary", b"Accept, Authorization"),
]  # fmt: skip


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """What was asked for is not given; nothing says more than the code."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code


class Stale(Exception):  # noqa: N818 - as above
    """The policy has changed: the answer is thrown away and made again."""


class Asked(NamedTuple):
    """A purpose and a number, well-formed and in the one spelling of look-ups."""

    item: str
    case_number: str
    legal_basis: str
    applicant: list[str]
    number: str


class ByHand:
    """The ASGI application."""

    def __init__(self, hub: Hub, rows: Rows) -> None:
        """Read what is in force from the hub, and the rows from its database."""
        self._hub = hub
        self._rows = rows
        self._memory = read_memory(hub, ASKED)
        self._found = Batches(rows.find)
        self._kept = Batches(rows.keep)
        self._log = Log()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, then log it; ids of requests as the hub takes and makes them."""
        if scope["type"] != "http":
            await self._live(receive, send)
            return
        started, headers = time.perf_counter(), dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").lower()
        request_id = given if _UUID.fullmatch(given) else os.urandom(16).hex().encode()
        client = code = None
        try:
            client, answer = await self._answered(headers, await _body(scope, headers, receive))
            status = 200
        except Refused as refused:
            status, code, answer = refused.status, refused.code, orjson.dumps({"code": refused.code})
        length = (b"content-length", b"%d" % len(answer))
        more = [*_BEGIN, length, (b"x-request-id", request_id)]
        await send({"type": "http.response.start", "status": status, "headers": more})
        await send({"type": "http.response.body", "body": answer})
        self._log.tell(request_id.decode(), status, time.perf_counter() - started, client, code)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Say that the start and the end are done."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def close(self) -> None:
        """Close the connections."""
        await self._rows.close()

    async def _answered(self, headers: dict[bytes, bytes], body: bytes) -> tuple[str, bytes]:
        """Return the client and the answer, made again for as long as the policy moves."""
        for _ in range(MOST_RERUNS):
            memory = self._memory
            if time.time() >= memory.ends:
                memory = self._memory = read_memory(self._hub, ASKED)
            try:
                client, authority = self._caller(memory, headers.get(b"authorization", b""))
                return client, await self._read(memory, client, authority, body)
            except Stale:
                self._memory = read_memory(self._hub, ASKED)
        raise Refused(503, "POLICY_CHANGED")

    def _caller(self, memory: Memory, authorization: bytes) -> tuple[str, str]:
        """Return client and authority of a token; it is verified once under each policy epoch."""
        known = memory.callers.get(authorization)
        if known is None:
            try:
                caller = self._hub.access.caller(authorization.decode("latin-1"))
            except AccessError as error:
                raise Refused(401, error.code) from None
            claims = orjson.loads(_decoded(authorization.split(b".")[1]))
            if READ not in caller.scopes:
                raise Refused(403, "SCOPE_MISSING")
            known = memory.callers[authorization] = (caller.client_id, caller.authority, claims["exp"])
        if time.time() >= known[2]:
            raise Refused(401, "TOKEN_EXPIRED")
        return known[0], known[1]

    async def _read(self, memory: Memory, client: str, authority: str, body: bytes) -> bytes:
        """Return the answer to a well-formed question of an accepted caller; its record is durable."""
        asked = _asked(body)
        granted = memory.granted.get((authority, asked.item))
        if granted is None:
            raise Refused(403, "NOT_GRANTED")
        case = sha256(f"{authority}\x1f{asked.item}\x1f{asked.case_number}".encode()).digest()
        rows = await self._found.of(Key(case, _index(memory.number_key, asked.number)))
        if not rows or _applicant(memory, rows[0]) != asked.applicant:
            raise Refused(409, "CASE_MISMATCH")
        holder = _index(memory.holder_key, ":".join(asked.applicant))
        row = _newest(rows, holder)
        answer, record = _disclosed(memory, granted, asked, client, authority, row)
        if await self._kept.of(record) != memory.epoch:
            raise Stale
        return answer


def _newest(rows: list[Row], holder: bytes) -> Row:
    """Return the newest edition that is the applicant's; somebody else's is as none."""
    mine = [row for row in rows if row.holder is not None and hmac.compare_digest(row.holder, holder)]
    if not mine:
        raise Refused(404, "NOT_FOUND")
    return mine[0] if len(mine) == 1 else max(mine, key=lambda row: (row.sealed_at, row.version, row.identifier))


def _disclosed(
    memory: Memory, granted: Granted, asked: Asked, client: str, authority: str, row: Row
) -> tuple[bytes, Record]:
    """Return the answer and the record that it promises."""
    names, chosen = _chosen(memory, granted.paths, row)
    joined = "~".join(chosen)
    presentation = f"{row.sealed}~{joined}~" if chosen else f"{row.sealed}~"
    decoded = (orjson.loads(a2b_base64(each + b"=="))[-1] for each in joined.encode().translate(_STANDARD).split(b"~"))
    values = dict(zip(names, decoded, strict=True)) if names else {}
    now = time.time_ns() // 1000
    record_id = f"{now // 1000:012x}7{os.urandom(10).hex()[:19]}"  # in the order of time, as the hub makes ids: less of an index is touched
    facts = {  # in the order of canonical JSON
        "authority": authority, "case": row.case, "client": client,
        "disclosed": [each for each in memory.order if each in values], "id": record_id, "item": asked.item, "kind": "access",
        "legal_basis": asked.legal_basis, "licence": row.identifier, "outcome": "DISCLOSED",
        "presentation": _digest(presentation), "reason": None, "receipt": False, "subjects": [row.handle], "time": now,
        "type": TYPE, "version": row.version, "withheld": granted.withheld,
    }  # fmt: skip
    fact = orjson.dumps(facts)
    salt = blake2b(fact, key=memory.salt_key, person=b"salt", digest_size=16).digest()
    answer = {
        "identifier": row.identifier, "status": _status(row, memory.day), **{name: values.get(name) for name in ASKED},
        "validUntil": row.valid_until, "withheld": [{"path": path, "reason": why} for path, why in granted.withheld],
        "proof": {"sdJwt": presentation},
    }  # fmt: skip
    return orjson.dumps(answer), Record(memory.epoch, record_id, now, fact, salt, row.handle, row.case)


def _applicant(memory: Memory, row: Row) -> Any:
    """Return code type and code of a case's applicant."""
    key = _unwrapped(memory, row.party_key, row.party_edition, row.party_wrapped)
    place = f"case_party\x1fparty\x1f{row.case}\x1f{row.part}\x1f{row.party_key}"
    return orjson.loads(_opened(key, row.sealed_party, place))


def _chosen(memory: Memory, paths: frozenset[str], row: Row) -> tuple[list[str], list[str]]:
    """Return the names and the disclosures that are granted, if the row is that of this sealed licence."""
    key = _unwrapped(memory, row.face_key, row.face_edition, row.face_wrapped)
    place = f"licence_part\x1fface\x1f{row.licence}\x1f{row.licence_part}\x1f\x1f{row.face_key}"
    content = orjson.loads(_opened(key, row.face, place))
    if not hmac.compare_digest(content["sealed"], row.bound or _digest(row.sealed)):
        raise Refused(500, "DAMAGED")
    chosen = [(path[0], encoded) for path, encoded in content["disclosures"] if path[0] in paths]
    return [name for name, _ in chosen], [encoded for _, encoded in chosen]


def _unwrapped(memory: Memory, key_id: str, edition: int, wrapped: bytes | None) -> AESGCM:
    if wrapped is None:
        raise Refused(404, "NOT_FOUND")  # erased
    return AESGCM(_opened(memory.wrapping[edition], wrapped, f"vault_key\x1fwrap\x1f{key_id}\x1f{edition}"))


def _opened(key: AESGCM, sealed: bytes, place: str) -> bytes:
    try:
        return key.decrypt(sealed[:12], sealed[12:], place.encode())
    except InvalidTag:
        raise Refused(500, "DAMAGED") from None


def _index(key: bytes, value: str) -> bytes:
    encoded = value.encode()
    return hmac.digest(key, len(encoded).to_bytes(4, "big") + encoded, "sha256")


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).rstrip(b"=").translate(_URL).decode()


def _decoded(text: bytes) -> bytes:
    return a2b_base64(text.translate(_STANDARD) + b"==")


def _status(row: Row, day: str) -> str:
    if row.status != "VALID":
        return row.status
    if day < row.valid_from:
        return "NOT_YET_VALID"
    return "EXPIRED" if row.valid_until is not None and day > row.valid_until else "VALID"


# -- what is asked ---------------------------------------------------------------------------------------------------


async def _body(scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> bytes:
    if scope["path"] != PATH or scope["method"] != "POST" or headers.get(b"content-type") != b"application/json":
        raise Refused(404, "UNKNOWN")
    message = await receive()
    body: bytes = message["body"]
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
        if len(body) > LARGEST:
            raise Refused(413, "TOO_LARGE")
    return body


def _asked(body: bytes) -> Asked:
    try:
        given = orjson.loads(body)
        case, number = given["case"], given["number"]
        applicant = case["applicant"]
        kind, code, item, case_number = (
            applicant["codeType"],
            applicant["code"],
            case["serviceItem"],
            case["caseNumber"],
        )
        if kind != "001" or not (number.isascii() and code.isascii()) or case.get("parties"):
            raise Refused(400, "NOT_BY_HAND")
        if not _CASE_NUMBER.fullmatch(case_number) or holds_citizen_number(case_number, alone=True):
            raise Refused(400, "CASE_NUMBER_INVALID")
        asked = Asked(item, case_number, _legal_text(case["legalBasis"]), [kind, _credit_code(code)], number.upper())
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Refused(400, "MALFORMED") from None
    return asked


def _credit_code(given: str) -> str:
    code = given.strip().upper()
    if not _CREDIT_CODE.fullmatch(code) or sum(map(mul, _WEIGHTS, code.encode().translate(_VALUE_OF))) % 31:
        raise Refused(400, "CODE_INVALID")
    return code


@lru_cache(1024)  # the names of laws, and never a person's number: that is what is looked at
def _legal_text(given: str) -> str:
    text = given.strip()
    if not text or len(text) > _LONGEST_BASIS or not text.isprintable() or holds_citizen_number(text):
        raise Refused(400, "LEGAL_BASIS_INVALID")
    return text


class Log:
    """Lines of access log; those of one turn of the event loop are written together, as the hub's are."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def tell(self, request: str, status: int, seconds: float, client: str | None, code: str | None) -> None:
        """Write a line about an answer, soon."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": "INFO", "log": "by_hand", "request": request,
            "route": PATH, "status": status, "milliseconds": round(seconds * 1000, 1), "client": client, "code": code,
        }  # fmt: skip
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        sys.stderr.buffer.write(b"".join(lines))
        sys.stderr.buffer.flush()


def main() -> None:
    """Serve on the port that the command line names."""
    settings = read_settings()
    application = ByHand(open_hub(settings, settings.passphrase()), open_rows(settings.database_url))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(
        application, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning", server_header=False,
        proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
