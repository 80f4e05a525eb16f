"""What the counter's page says by a pack is what Python says by it: kept codes, every attack, and codes made up at random."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hub.counters.offline_pack.reading import OpenedPack
from keys import base32, qr_text, status_list, strict_cbor, trust_list
from keys.listed_seal import Turn
from keys.offline_pack import NAMES, TRUST_LIST, Manifest, Part, digest, sign
from keys.revocation import RevocationReason
from keys.status_list_form import JWT_MEDIA
from keys.suites import SUITES
from tests.counters.front.node import front, judged
from tests.keys import lists, trust_lists
from tests.keys.authorities import AUTHORITIES, END, SEALED_AT, START
from tests.keys.qr_tokens import EXAMPLE, HUB, token
from tests.keys.trust_lists import DAY, NOW
from tests.vectors.qr_tokens import generate

KEPT: dict[str, Any] = json.loads(generate.VECTORS.read_text("utf-8"))
KEY = SUITES["ES256"].generate()
KEYS = [{**KEY.public.to_jwk(), "kid": "pack-1", "alg": "ES256", "use": "sig"}]
WARN, REFUSE = 4 * 3600, 24 * 3600
NAMED = {
    "zone": "Asia/Shanghai",
    "types": {"11100000000013127D001": {"key": "Passport", "zh": "虚构证", "en": "Invented licence"}},
    "authorities": {"11990100MB0000018K": {"zh": "星河市公安局", "en": "Invented police"}},
}
STATES = {9: 1, 10: 2, 11: 3, 255: 1}


@dataclass(frozen=True)
class Pack:
    """A signed pack, and the keys it is checked under."""

    keys: list[dict[str, Any]]
    token: bytes
    parts: Mapping[str, bytes]

    def opened(self) -> OpenedPack:
        return OpenedPack.open(self.token, self.parts, self.keys)


def pack_of(
    listed: bytes, statuses: bytes, keys: list[dict[str, Any]], issued: datetime = NOW - timedelta(minutes=1)
) -> Pack:
    parts = {TRUST_LIST: listed, NAMES: json.dumps(NAMED).encode(), "status-lists/1": statuses}
    named = {name: Part(name, f"offline-pack/{name}/1", 1, digest(one), len(one)) for name, one in parts.items()}
    second = int(issued.timestamp())
    manifest = Manifest(HUB, second, second + REFUSE, WARN, REFUSE, MappingProxyType(named))
    return Pack([*keys, *KEYS], sign(manifest, KEY, "pack-1"), parts)


def kept_pack() -> Pack:
    statuses = status_list.read(KEPT["status_list"]["jwt"].encode(), JWT_MEDIA, KEPT["keys"]).statuses
    return pack_of(KEPT["trust_list"].encode(), statuses, KEPT["keys"])


SUSPENDED = generate._authority("11990100MB0000018K", "星河市公安局")


def made_list(*but: str) -> bytes:
    """The generator's trust list, and a suspended seal; without the seals of some suites."""
    times = {"suspended_at": int(generate.STOLEN_AT.timestamp())}
    suspended = trust_lists.seal(
        es_id="99010000000014", history=(trust_lists.FILED, Turn("SUSPENDED", generate.STOLEN_AT, RevocationReason.CERTIFICATE_HOLD)),
        keys=(trust_lists.jwk(SUSPENDED, "99010000000014", "SUSPENDED", **times),),
    )  # fmt: skip
    listed = trust_list.read(generate._trust_list(), trust_lists.KEYS, NOW)
    seals = [one for one in listed.seals.values() if one.suite not in but]
    roots = (*listed.roots, SUSPENDED.root)
    return trust_list.make(listed.edition, roots, listed.makers, [*seals, suspended], trust_lists.KEY, trust_lists.KID)


def made_pack(*but: str) -> Pack:
    return pack_of(made_list(*but), lists.statuses(STATES), trust_lists.KEYS)


def told(verdict: dict[str, Any]) -> dict[str, Any]:
    """A verdict without the words of the one check that is made otherwise, and of one that may find several faults in another order."""
    checks = [
        {**one, "detail": "" if one["name"] in {"CERTIFICATE", "FORMAT"} else one["detail"]}
        for one in verdict["checks"]
    ]
    return {**verdict, "checks": checks}


def compare(folder: Path, pack: Pack, codes: list[tuple[str, datetime]]) -> list[str]:
    """Return the words on which both agree."""
    opened = pack.opened()
    said = [json.loads(json.dumps(opened.verify(text, at).json())) for text, at in codes]
    found = judged(folder, pack.keys, pack.token, pack.parts, codes)
    assert [told(one) for one in found] == [told(one) for one in said]
    return [one["word"] for one in found]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("front")
    front(where)
    return where


def test_kept_codes_attacks_and_spellings_come_to_the_same_verdict(folder: Path) -> None:
    texts = [each["text"] for each in KEPT["codes"]] + [*KEPT["spelt"]["texts"].values(), *KEPT["refused"].values()]
    texts += [qr_text.read(each["text"]).token.hex() for each in KEPT["codes"]]
    texts += [base32.encode(qr_text.read(each["text"]).token) for each in KEPT["codes"]]  # without the mark in front
    words = compare(folder, kept_pack(), [(text, NOW) for text in texts])
    assert {"VALID", "NOT_GENUINE", "REVOKED", "SUSPENDED", "SUPERSEDED", "EXPIRED", "NOT_YET_VALID", "OTHER_HUB", "NOT_A_CODE",
            "CANNOT_CONFIRM"} == set(words)  # fmt: skip
    assert words[:3] == ["VALID"] * 3  # one of each suite


def test_every_flipped_bit_of_a_token_is_refused_by_both(folder: Path) -> None:
    codes = []
    for name, authority in AUTHORITIES.items():
        data, step = token(authority), 3 if name == "SM2-SM3" else 1  # it is computed slowly
        codes += [(place, 1 << (place * 5 + 3) % 8, data) for place in range(0, len(data), step)]
    texts = [
        qr_text.write(HUB, data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]) for place, bit, data in codes
    ]
    assert "VALID" not in compare(folder, made_pack(), [(text, NOW) for text in texts])


def test_lengths_that_nothing_is_as_long_as_are_refused_by_both(folder: Path) -> None:
    texts = []
    for major in (0x40, 0x60, 0x80, 0xA0):  # byte string, text, array, map
        for size in ("1bffffffffffffffff", "1b0000000100000000", "1affffffff"):
            head = bytes([major | 0x1B if size.startswith("1b") else major | 0x1A, *bytes.fromhex(size[2:])])
            protected = bytes([0x40 | len(head)]) + head
            texts += [qr_text.write(HUB, b"\xd2" + head), qr_text.write(HUB, b"\xd2\x84" + protected + b"\xa0\x40\x40")]
    assert set(compare(folder, made_pack(), [(text, NOW) for text in texts])) == {"NOT_GENUINE"}


def test_signatures_out_of_range_are_refused_by_both(folder: Path) -> None:
    none, most, texts = bytes(32), b"\xff" * 32, []
    for authority in AUTHORITIES.values():
        protected, unprotected, payload, signature = strict_cbor.loads(token(authority)[1:])
        r, s = signature[:32], signature[32:]
        spoilt = (
            none + none,
            most + most,
            none + s,
            r + none,
            most + s,
            r + most,
            s + r,
            r + s[:-1],
            r + s + b"\x00",
            b"",
        )
        parts = ([protected, unprotected, payload, one] for one in spoilt)
        texts += [qr_text.write(HUB, b"\xd2" + strict_cbor.dumps(each)) for each in parts]
    assert set(compare(folder, made_pack(), [(text, NOW) for text in texts])) == {"NOT_GENUINE"}


AGES = st.sampled_from([-120, -60, 0, 60, WARN - 61, WARN, REFUSE - 61, REFUSE - 60, REFUSE + 60, 90 * 86400])
MOMENTS = st.one_of(
    st.integers(int(START.timestamp()) - 3 * 86400, int(END.timestamp()) + 3 * 86400),
    *(
        st.just(int(one.timestamp()) + near)
        for one in (START, END, SEALED_AT, NOW, generate.STOLEN_AT)
        for near in (-1, 0, 1, 60, 61)
    ),
)
ENDS = st.one_of(st.none(), MOMENTS)
WAYS = st.sampled_from([*AUTHORITIES.values(), generate.OTHER, generate.REVOKED, generate.STOLEN, SUSPENDED])
TOKENS = st.builds(
    lambda authority, changes: token(authority, **changes), WAYS,
    st.fixed_dictionaries({
        "issued_at": MOMENTS, "not_before": ENDS, "expires_at": ENDS,
        "status_list": st.sampled_from([1, 1, 1, 2, 2**32 - 1]), "status_index": st.sampled_from([0, 7, 9, 10, 11, 255, 256, 2**20, 2**32 - 1]),
        "hub": st.sampled_from([EXAMPLE.hub, EXAMPLE.hub, EXAMPLE.hub, b"\x00\x01\x02\x03"]),
        "holder": st.one_of(st.none(), st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=4)),
    }),
)  # fmt: skip
CODES = st.lists(
    st.tuples(TOKENS, st.sampled_from([None, None, None, None, 3, 11, 40, -1]), AGES), min_size=60, max_size=60
)


@settings(max_examples=3, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(codes=CODES)
def test_codes_made_up_at_random_come_to_the_same_verdict(
    folder: Path, codes: list[tuple[bytes, int | None, int]]
) -> None:
    asked = []
    for data, flip, age in codes:
        spoilt = data if flip is None else data[:flip] + bytes([data[flip] ^ 4]) + data[flip + 1 or len(data) :]
        asked.append((qr_text.write(HUB, spoilt), NOW - timedelta(minutes=1) + timedelta(seconds=age)))
    compare(folder, made_pack(), asked)


def test_a_stale_pack_confirms_nothing_and_still_says_what_is_bad(folder: Path) -> None:
    good, revoked = (
        qr_text.write(HUB, token(AUTHORITIES["ES256"])),
        qr_text.write(HUB, token(AUTHORITIES["ES256"], status_index=9)),
    )
    pack = made_pack()
    moments = (NOW, NOW + timedelta(seconds=REFUSE), NOW - DAY)
    words = compare(folder, pack, [(text, at) for at in moments for text in (good, revoked)])
    assert words == ["VALID", "REVOKED", "CANNOT_CONFIRM", "REVOKED", "CANNOT_CONFIRM", "REVOKED"]
    found = judged(folder, pack.keys, pack.token, pack.parts, [(good, NOW + timedelta(seconds=REFUSE))])
    assert (found[0]["colour"], found[0]["reason"]) == ("AMBER", "STALE")


def test_a_seal_that_the_pack_does_not_know_is_no_pass(folder: Path) -> None:
    text = qr_text.write(HUB, token(AUTHORITIES["Ed25519"]))
    assert compare(folder, made_pack("Ed25519"), [(text, NOW)]) == ["CANNOT_CONFIRM"]
