"""A pack in a file, from a real hub: what changed is fetched, what is bad is refused and leaves the old file, and codes are judged by it."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hub.counters.offline_pack.keeping import MANIFEST, load, refreshed, save
from hub.counters.verdict import Why, Word
from hub.errors import InputInvalidError
from keys import offline_pack
from keys.errors import FormatError, KeysError, UncheckableError, VerificationError
from tests.counters.front.node import front, judged
from tests.counters.offline_pack.fetching import DAY, Fetching

LIST = "status-lists/1"


class Hub:
    """Answers from a hub, notes what was asked, and may answer something else."""

    def __init__(self, counter: Fetching) -> None:
        self.counter, self.asked = counter, list[str]()
        self.instead = dict[str, bytes | None]()

    def get(self, address: str, most: int) -> bytes | None:
        self.asked.append(address)
        if address in self.instead:
            return self.instead[address]
        answer = self.counter.get(f"/{address}")
        assert len(answer.content) <= most
        return answer.content if answer.status_code == 200 else None


@pytest.fixture
def hub(alone: Fetching) -> Hub:
    return Hub(alone)


def test_a_pack_of_a_real_hub_judges_its_codes_here_and_on_the_page(standing: Fetching, tmp_path: Path) -> None:
    hub, counter, file = Hub(standing), standing, tmp_path / "counter.pack"
    code, now = counter.code(), counter.clock.now()
    save(file, refreshed(None, hub.get))
    kept = load(file)
    verdict = kept.open().verify(code, now)
    assert (verdict.word, verdict.online, verdict.as_of) == (Word.VALID, False, now)
    assert verdict.licence is not None
    assert (verdict.licence.type_names.zh, verdict.licence.issuer_names.en) == ("营业执照", "Invented Market Bureau")
    late = now + timedelta(seconds=DAY)
    stale = kept.open().verify(code, late)
    assert (stale.word, stale.reason) == (Word.CANNOT_CONFIRM, Why.STALE)

    folder = tmp_path / "front-of-page"
    folder.mkdir()
    front(folder)
    told = judged(folder, kept.jwks, kept.token, kept.parts, [(code, now), (code, late)])
    for found, said in zip(told, (verdict, stale), strict=True):
        ours = json.loads(json.dumps(said.json()))
        assert {**found, "checks": []} == {**ours, "checks": []}


def test_an_update_asks_for_what_changed_alone(counter: Fetching, tmp_path: Path) -> None:
    hub, file = Hub(counter), tmp_path / "counter.pack"
    save(file, refreshed(None, hub.get))
    before = load(file).open().manifest.parts[LIST].edition
    counter.act("revoke", 1)
    hub.asked.clear()
    kept = refreshed(load(file), hub.get)
    assert hub.asked == [MANIFEST, f"offline-pack/{LIST}/{before + 1}?since={before}"]
    assert kept.open().verify(counter.code(), counter.clock.now()).word is Word.REVOKED
    assert refreshed(kept, hub.get) is kept


def test_where_changes_are_no_use_the_whole_list_is_fetched(hub: Hub) -> None:
    kept = refreshed(None, hub.get)
    before = kept.open().manifest.parts[LIST].edition
    hub.counter.act("revoke", 1)
    for answer in (None, b"\x00", b"\x00\x00\x00\x04", b"\xff\xff\xff\xff"):
        hub.instead[f"offline-pack/{LIST}/{before + 1}?since={before}"] = answer
        updated = refreshed(kept, hub.get)
        assert hub.asked[-1] == f"offline-pack/{LIST}/{before + 1}"
        assert updated.open().verify(hub.counter.code(), hub.counter.clock.now()).word is Word.REVOKED


def test_what_is_not_as_it_was_signed_is_refused_and_older_packs_are_not_taken(hub: Hub) -> None:
    older = refreshed(None, hub.get)
    hub.counter.act("suspend", 1)
    kept = refreshed(older, hub.get)
    hub.instead[MANIFEST] = older.token
    assert refreshed(kept, hub.get) is kept  # it says what was before
    hub.instead[MANIFEST] = kept.token[:-4] + b"AAAA"
    with pytest.raises(VerificationError):
        refreshed(kept, hub.get)
    del hub.instead[MANIFEST]
    hub.counter.act("resume", 2)
    edition = offline_pack.read(hub.counter.get("/offline-pack").content, kept.jwks).parts[LIST].edition
    hub.instead = {
        f"offline-pack/{LIST}/{edition}?since={edition - 1}": None,
        f"offline-pack/{LIST}/{edition}": bytes(2**18 - 1),
    }
    with pytest.raises(VerificationError):
        refreshed(kept, hub.get)
    hub.instead[f"offline-pack/{LIST}/{edition}"] = None
    with pytest.raises(UncheckableError):
        refreshed(kept, hub.get)
    with pytest.raises(UncheckableError):
        refreshed(replace(kept, jwks=[{**each, "kid": "others"} for each in kept.jwks]), hub.get)


def test_a_damaged_file_is_no_pack(standing: Fetching, tmp_path: Path) -> None:
    file = tmp_path / "counter.pack"
    kept = refreshed(None, Hub(standing).get)
    save(file, replace(kept, parts={**kept.parts, LIST: bytes(2**18 - 1)}))
    with pytest.raises(VerificationError):
        load(file).open()
    save(file, replace(kept, parts={}))
    with pytest.raises(VerificationError):
        load(file).open()
    content = file.read_bytes()
    for spoilt in (b"", b"PK", content[: len(content) // 2], content.replace(b"manifest.jwt", b"manifest.jws")):
        file.write_bytes(spoilt)
        with pytest.raises(KeysError) as refused:
            load(file)
        assert isinstance(refused.value, FormatError)
    with pytest.raises(InputInvalidError):
        load(tmp_path / "nothing")
