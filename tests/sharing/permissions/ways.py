"""The ways out of the hub, as a department's system takes them over HTTP: each is asked for everything there is, and what came is compared with the oracle.

A way returns what differs, in the words of `answers`. It adds nothing of its own to what the oracle allows.
"""

import base64
import io
import json
import zipfile
from asyncio import timeout
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from anyio.to_thread import run_sync

from hub.access.holders.caller import HolderCaller
from hub.changes.webhooks.progress import Turn
from hub.changes.webhooks.register import Receiving, State
from hub.counters.presentations.making import PresentationWish
from hub.errors import NotGrantedError
from hub.sharing.node import Node
from hub.sharing.presenting import Choice
from keys.evidence import PRESENTATION
from tests.sharing.permissions.answers import KEYS, compared, differs, licence_fields, presented
from tests.sharing.permissions.dimensions import SITUATIONS, SOURCES, Case, subject_of
from tests.sharing.permissions.oracle import (
    REGISTERED,
    Expected,
    expected,
    expected_entry,
    fed,
    flat,
    holders_of,
    let,
    may_be_judged,
    of_holders,
    offered,
    shown,
)
from tests.sharing.permissions.scene import (
    CONCERNED,
    OTHER,
    OTHER_ITEM,
    READER,
    Scene,
    asked_path,
    case_input,
    form_fields,
)

LONGEST_WAIT: Final = 30  # seconds for a message that must come


@dataclass(frozen=True)
class Visit:
    """A case that was opened: the cell of the matrix, and the number under which the department knows it."""

    scene: Scene
    case: Case
    number: str

    async def ask(self, selection: str, parameters: str = "", /, **variables: Any) -> dict[str, Any]:
        """Ask something of the case, and return what its selection came to."""
        query = f"query Ask($case: CaseInput!{parameters}) {{ case(input: $case) {{ ... on Problem {{ code }} ... on Case {{ {selection} }} }} }}"
        asked = case_input(self.case, self.number)
        found: dict[str, Any] = (await self.scene.ask(self.case, query, case=asked, **variables))["case"]
        assert "code" not in found, found
        return found


# -- licences of a case ------------------------------------------------------------------------------------------------------


_OR_PROBLEM: Final = "... on Problem { code } "


async def by_identifier(visit: Visit) -> list[str]:
    """Read every licence alone: `case.licence`."""
    found = await _read_each(visit)
    return [each for key in KEYS for each in differs(visit.scene, key, expected(visit.case, key), found[key])]


async def _read_each(visit: Visit) -> dict[str, Any]:
    asked = " ".join(
        f'a{place}: licence(type: "{key}", identifier: $i{place}) {{ {_OR_PROBLEM} {licence_fields(key)} }}'
        for place, key in enumerate(KEYS)
    )
    parameters = "".join(f", $i{place}: String" for place in range(len(KEYS)))
    found = await visit.ask(
        asked, parameters, **{f"i{place}": visit.scene.issued[key] for place, key in enumerate(KEYS)}
    )
    return {key: found[f"a{place}"] for place, key in enumerate(KEYS)}


async def by_list(visit: Visit) -> list[str]:
    """List whatever there is: `case.licences`."""
    found = await visit.ask(f"licences(first: 40) {{ edges {{ node {{ {licence_fields()} }} }} }}")
    nodes = [edge["node"] for edge in found["licences"]["edges"]]
    by_type = {each["__typename"]: each for each in nodes}
    assert len(by_type) == len(nodes)
    return [each for key in KEYS for each in differs(visit.scene, key, expected(visit.case, key), by_type.get(key))]


async def by_batch(visit: Visit) -> list[str]:
    """Read all at once, by their numbers: `case.licenceBatch`."""
    keys = [{"type": key, "number": visit.scene.numbers[key]} for key in KEYS]
    selection = f"licenceBatch(keys: $keys) {{ {_OR_PROBLEM} {licence_fields()} }}"
    found = await visit.ask(selection, ", $keys: [LicenceKey!]!", keys=keys)
    return [
        each
        for key, one in zip(KEYS, found["licenceBatch"], strict=True)
        for each in differs(visit.scene, key, expected(visit.case, key), one)
    ]


async def by_node(visit: Visit) -> list[str]:
    """Read all again by opaque ids such as this case would give them: `nodes`; another authority finds nothing by them."""
    scene, nodes = visit.scene, visit.scene.hub.sharing._nodes
    case_id = nodes.read(READER, (await visit.ask("id"))["id"]).case_id
    ids = [nodes.make(READER, Node(case_id, key, scene.issued[key])) for key in KEYS]
    query = f"query Again($ids: [ID!]!) {{ nodes(ids: $ids) {{ {licence_fields()} }} }}"
    found = (await scene.ask(visit.case, query, ids=ids))["nodes"]
    told = [
        each
        for key, one in zip(KEYS, found, strict=True)
        for each in differs(scene, key, expected(visit.case, key), one or None)
    ]
    foreign = (await scene.ask(visit.case, query, authority=OTHER, ids=ids))["nodes"]
    return told + [f"LEFT {one['__typename']} to another authority" for one in foreign if one]


async def by_material(visit: Visit) -> list[str]:
    """Ask what the item's materials come to, by licences and registers, with the licences that exempt: `case.materials`."""
    selection = f"materials {{ key result source licence {{ {licence_fields()} }} licences {{ proof {{ sdJwt }} }} }}"
    found = (await visit.ask(selection))["materials"]
    told: list[str] = []
    for key, one in zip(SOURCES, found, strict=True):
        roles = sorted((role for role in _roles(visit.case) if _satisfied(visit.case, key, role)), key=_in_documents)
        if (one["result"] == "EXEMPT") is not bool(roles):
            told.append(f"{'MISSED' if roles else 'LEFT'} {key}: {one['result']}")
        wanted = _exempting(visit.case, key, roles[0]) if roles and key in KEYS else Expected("NOT_FOUND", Counter())
        told += differs(visit.scene, key, wanted, one["licence"])
        for licence in one["licences"]:
            told += presented(visit.scene, key, wanted, licence["proof"]["sdJwt"])
    return told


def _in_documents(role: str) -> str:
    return role or "applicant"


def _exempting(case: Case, type_key: str, role: str) -> Expected:
    """Return what leaves of the licence that exempts: of whoever stands in the role, and of nobody else in it."""
    persons = [row for as_, row, _ in SITUATIONS[case.situation].persons if as_ == role]
    reached = [
        let(case, type_key, row, role=role) if row in persons else frozenset[str]() for row in holders_of(type_key)
    ]
    return of_holders(type_key, reached)


def _roles(case: Case) -> list[str]:
    return list(dict.fromkeys(role for role, _, _ in SITUATIONS[case.situation].persons))


def _satisfied(case: Case, type_key: str, role: str) -> bool:
    """Tell whether a material is exempt by a role: everybody in it holds the licence, and what the item asks may be judged of him."""
    persons = [row for as_, row, _ in SITUATIONS[case.situation].persons if as_ == role]
    if not all(row in holders_of(type_key) for row in persons):
        return False
    path = asked_path(type_key, case.item)
    return (
        may_be_judged(case, type_key, role, path)
        if path
        else all(let(case, type_key, row, judged=True, role=role) for row in persons)
    )


async def by_requirement(visit: Visit) -> list[str]:
    """Ask every requirement of everybody, of licences and of registers: `case.meets`."""
    keys = [key for key in SOURCES if asked_path(key, visit.case.item)]
    selection = " ".join(
        f'm{place}: meets(requirement: "{key[0].lower()}{key[1:]}", of: $of) {{ met reason {{ code }} }}'
        for place, key in enumerate(keys)
    )
    told = []
    for role in _roles(visit.case):
        found = await visit.ask(selection, ", $of: String!", of=role or "applicant")
        for place, key in enumerate(keys):
            met, may = found[f"m{place}"]["met"], _satisfied(visit.case, key, role)
            if met is not (True if may else None):
                told.append(f"{'MISSED' if may else 'LEFT'} {key} of {role or 'applicant'}: {found[f'm{place}']}")
    return told


# -- forms and registers -----------------------------------------------------------------------------------------------------


async def by_form(visit: Visit) -> list[str]:
    """Fill the form, which asks for everything of everybody: `case.form`, its values and its text."""
    selection = "form { ... on Problem { code } ... on Form { text fields { value values { value path role source { type } } gaps { type path role reason } } } }"
    found = (await visit.ask(selection))["form"]
    left = Counter(
        (one["source"]["type"], one["path"], one["role"]) for field in found["fields"] for one in field["values"]
    )
    wanted = Counter(
        (one["source"], one["path"], one["of"])
        for field in form_fields(visit.case.item)
        for one in field["from"]
        if _fills(visit.case, one["source"], one["path"], one["of"])
    )
    told = list(compared("form", wanted, left))
    texts = {" ".join(one["value"].split()) for field in found["fields"] for one in field["values"]}
    lines = {line.strip().partition("  ←  ")[0] for line in found["text"].splitlines() if "  ←  " in line} - {"—"}
    return told + list(compared("text", Counter(texts), Counter(" ".join(line.split()) for line in lines)))


def _fills(case: Case, source: str, path: str, of: str) -> bool:
    """Tell whether a source gives a value for somebody's field of the form."""
    role = "" if of == "applicant" else of
    if source in REGISTERED:
        return path in let(case, source, subject_of(source), role=role) and path in REGISTERED[source]
    if not expected(case, source).disclosed and expected(case, source).code != "NOT_FOUND":
        return False
    holders = [row for as_, row, _ in SITUATIONS[case.situation].persons if as_ == role and row in holders_of(source)]
    several = len(holders_of(source)) > 1
    for row in holders:
        reached = let(case, source, row, role=role)
        by_holder = (
            [reached if each is row else frozenset[str]() for each in holders_of(source)] if several else [reached]
        )
        from_ = _leaves_of(source, tuple(by_holder))
        if path in from_:
            return True
    return False


@cache
def _leaves_of(type_key: str, by_holder: tuple[frozenset[str], ...]) -> frozenset[str]:
    """Return the leaves that have a text; an atomic object has none."""
    return frozenset(path for path, text in of_holders(type_key, list(by_holder)).leaves if not text.startswith("{"))


_ENTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "NaturalPerson": ("person", "number name status"),
    "Organisation": ("organisation", "creditCode name kind status legalRepresentative address scope"),
}


async def by_register(visit: Visit) -> list[str]:
    """Read both registers of everybody who may stand in them: `case.person` and `case.organisation`."""
    told: list[str] = []
    for key, (name, fields) in _ENTRIES.items():
        subject, code = subject_of(key), "number" if name == "person" else "creditCode"
        selection = f"{name}(role: $role, {code}: $code) {{ ... on Problem {{ code }} ... on {key} {{ {fields} withheld {{ path reason }} }} }}"
        for role in [role for role, row, _ in SITUATIONS[visit.case.situation].persons if row is subject]:
            found = await visit.ask(
                selection, ", $role: String, $code: String", role=role or None, code=subject["code"]
            )
            told += _entry_differs(key, expected_entry(visit.case, key, role), found[name])
    return told


def _entry_differs(register: str, wanted: Expected, found: dict[str, Any]) -> Iterator[str]:
    code = found.get("code", "DISCLOSED")
    if code != wanted.code:
        yield f"{'MISSED' if wanted.disclosed else 'LEFT' if code == 'DISCLOSED' else 'TOLD'} {register}: {code} where it must be {wanted.code}"
    if code != "DISCLOSED":
        return
    left = Counter((path, repr(found[path])) for path in _ENTRIES[register][1].split() if found[path] is not None)
    yield from compared(register, wanted.leaves, left)
    withheld = Counter((each["path"], each["reason"]) for each in found["withheld"])
    yield from compared(f"{register} withheld", Counter(wanted.withheld), withheld)


# -- evidence ----------------------------------------------------------------------------------------------------------------


async def by_evidence(visit: Visit) -> list[str]:
    """Read one licence after the other as by its identifier, and ask for the package that proves what left: `evidencePackage`."""
    scene, case = visit.scene, visit.case
    read = await _read_each(visit)
    records = {key: one["proof"]["record"] for key, one in read.items() if "proof" in one}
    query = "query Evidence($input: EvidenceInput!) { evidencePackage(input: $input) { ... on Problem { code } ... on EvidencePackage { zip answers missing } } }"
    told: list[str] = []
    for key, record in list(records.items())[:2]:
        wish = {"serviceItem": case.item, "caseNumber": visit.number, "record": record}
        package = (await scene.ask(case, query, input=wish))["evidencePackage"]
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(package["zip"]))) as file:
            held = {name: file.read(name) for name in file.namelist()}
        (presentation,) = (content.decode() for name, content in held.items() if name.endswith(PRESENTATION))
        told += presented(scene, key, expected(case, key), presentation)
        foreign = (await scene.ask(case, query, authority=OTHER, input=wish))["evidencePackage"]
        told += [] if "code" in foreign else [f"LEFT {key}: the package, to another authority"]
    return told


# -- the feed ----------------------------------------------------------------------------------------------------------------


async def by_feed(visit: Visit) -> list[str]:
    """Ask for all changes there were, without a case: `changes`, once for each item and round; another authority is told of none by it."""
    scene, case = visit.scene, visit.case
    if (case.item, case.round) in scene.fed:
        return []
    scene.fed.add((case.item, case.round))
    await run_sync(scene.hub.log.integrate)
    query = f"query Changes($item: String!) {{ changes(item: $item, first: 40) {{ more changes {{ type licence {{ {licence_fields()} }} }} }} }}"
    page = (await scene.ask(None, query, item=case.item))["changes"]
    assert page["more"] is False
    told = {each["type"]: each["licence"] for each in page["changes"]}
    foreign = await scene.send(query, OTHER, item=case.item)
    left = [] if foreign.json()["data"]["changes"] is None else ["LEFT changes, to another authority"]
    return left + [each for key in KEYS for each in differs(scene, key, _fed(case, key), told.get(key))]


async def by_subscription(visit: Visit) -> list[str]:
    """Follow all changes from the first one, and two at the end, after which there is nothing more: `subscription { changes }`."""
    scene, case = visit.scene, visit.case
    wanted = [key for key in KEYS if _fed(case, key).disclosed]
    if ("subscription", case.round) in scene.fed or not wanted:
        return []
    scene.fed.add(("subscription", case.round))
    await run_sync(scene.turn, wanted[0])
    await scene.hub.changes.feed.read_on()
    query = f"subscription Follow($item: String!, $after: String) {{ changes(item: $item, after: $after) {{ type kind licence {{ {licence_fields()} }} }} }}"
    after = scene.hub.sharing.feed.cursors(f"desk-{READER[-4:]}").make(("0",))
    found: dict[str, Any] = {}
    turned = 0
    async with scene.following(query, item=case.item, after=after) as heard:
        while turned < scene.turns[wanted[0]]:
            async with timeout(LONGEST_WAIT):
                message = json.loads((await heard.get())["text"])
            change = message["payload"]["data"]["changes"]
            found[change["type"]] = change["licence"]
            turned += change["type"] == wanted[0] and change["kind"] != "ISSUED"
    return [each for key in KEYS for each in differs(scene, key, _fed(case, key), found.get(key))]


async def by_webhook(visit: Visit) -> list[str]:
    """Make what a webhook that wants everything is sent of all changes there were, without sending it."""
    scene, case = visit.scene, visit.case
    if ("webhook", case.item, case.round) in scene.fed:
        return []
    scene.fed.add(("webhook", case.item, case.round))
    await run_sync(scene.hub.log.integrate)
    changes, client = scene.hub.changes, f"desk-{READER[-4:]}"
    await changes.feed.read_on()
    receiving = Receiving(
        "hook", client, READER, case.item, "https://reader.example", None, None, State.ACTIVE, None, 0, 0
    )
    found: dict[str, Any] = {}
    for change in (await changes.feed.since(0)).changes:
        body = await changes.deliveries._made(Turn(receiving, (), 0, 0, ()), change, "msg", scene.pending())
        licence = None if body is None else json.loads(body)["data"]["licence"]
        found |= {} if licence is None else {licence["type"]: licence}
    return [each for key in KEYS for each in _sent_differs(scene, key, _fed(case, key), found.get(key))]


def _sent_differs(scene: Scene, type_key: str, wanted: Expected, sent: Mapping[str, Any] | None) -> Iterator[str]:
    """Yield where a payload differs from what it must be: in its fields, what it withholds, and its presentation."""
    if (sent is not None) is not wanted.disclosed:
        yield f"{'MISSED' if wanted.disclosed else 'LEFT'} {type_key}: the licence"
    if sent is None:
        return
    left = Counter(each for name, value in sent["fields"].items() for each in flat(type_key, name, value))
    yield from compared(f"{type_key} fields", wanted.leaves, left)
    withheld = Counter((each["path"], each["reason"]) for each in sent["withheld"])
    yield from compared(f"{type_key} withheld", Counter(wanted.withheld), withheld)
    yield from presented(scene, type_key, wanted, sent["sdJwt"])


def _fed(case: Case, type_key: str) -> Expected:
    """Return what is told of a type's licence: nothing of what does not concern the item."""
    return fed(case, type_key) if type_key in CONCERNED else Expected("NOT_FOUND", Counter())


async def by_stranger(visit: Visit) -> list[str]:
    """Open the case as another authority: its own item is granted everything, this one is not its own."""
    query = "query Open($case: CaseInput!) { case(input: $case) { ... on Problem { code } ... on Case { id } } }"
    asked = case_input(visit.case, visit.number)
    answer = await visit.scene.ask(visit.case, query, authority=OTHER, case=asked)
    return [] if answer["case"] == {"code": "NOT_GRANTED"} else ["LEFT the case, to another authority"]


# -- at the counter ----------------------------------------------------------------------------------------------------------

_AT_ONCE: Final = 10  # licences of one code


async def by_presentation(visit: Visit) -> list[str]:
    """Let everybody of the case show all that he may of what he holds, in a case where nobody consented to anything: `scan`; another authority is told nothing."""
    told: list[str] = []
    rows = {row["codeType"] + row["code"]: row for _, row, _ in SITUATIONS[visit.case.situation].persons}
    for code, row in rows.items():
        mine = [key for key in KEYS if row in holders_of(key)]
        held = [key for key in mine if offered(visit.case, key)]
        told += [
            f"LEFT {key}: it may be shown" for key in mine if key not in held and await _may_be_shown(visit, row, key)
        ]
        for start in range(0, len(held), _AT_ONCE):
            some = held[start : start + _AT_ONCE]
            text = await _shown(visit, row, some)
            foreign = await _scanned(visit, text, OTHER_ITEM, OTHER)
            told += [] if foreign["verdict"]["word"] == "CODE_UNKNOWN" else ["LEFT a code, to another authority"]
            found = (await _scanned(visit, text, visit.case.item))["licences"]
            for key, one in zip(some, found, strict=True):
                told += differs(visit.scene, key, shown(visit.case, key, code), one["licence"])
    return told


async def _may_be_shown(visit: Visit, row: Mapping[str, str], key: str) -> bool:
    try:
        await _shown(visit, row, [key])
    except NotGrantedError:
        return False
    return True


async def _shown(visit: Visit, row: Mapping[str, str], keys: list[str]) -> str:
    scene = visit.scene
    wish = PresentationWish(READER, visit.case.item, tuple(Choice(scene.issued[key]) for key in keys))
    holder, counters = HolderCaller(row["codeType"], row["code"]), scene.hub.counters
    made = await counters.presentations.make(holder, wish, scene.pending())
    return counters.text_of(made.code)


async def _scanned(visit: Visit, text: str, item: str, authority: str = READER) -> dict[str, Any]:
    query = f"mutation Scan($input: ScanInput!) {{ scan(input: $input) {{ ... on Problem {{ code }} ... on Scan {{ verdict {{ word }} licences {{ licence {{ {licence_fields()} }} }} }} }} }}"
    declared = case_input(visit.case, f"{visit.number}-shown")
    asked = {"code": text, "case": {**declared, "serviceItem": item}}
    found: dict[str, Any] = (await visit.scene.ask(None, query, authority=authority, input=asked))["scan"]
    return found


Way = Callable[[Visit], Awaitable[list[str]]]
WAYS: Final[Mapping[str, Way]] = {
    "case.licence": by_identifier,
    "case.licences": by_list,
    "case.licenceBatch": by_batch,
    "nodes": by_node,
    "case.materials": by_material,
    "case.meets": by_requirement,
    "case.form": by_form,
    "case.person, case.organisation": by_register,
    "evidencePackage": by_evidence,
    "changes": by_feed,
    "subscription": by_subscription,
    "webhook": by_webhook,
    "scan": by_presentation,
    "case": by_stranger,
}
