"""Every way out of the hub goes through the funnel, read from the source: which modules ask it for what, and that none goes round it.

A new way out has to be written down here before the tests pass; `tests/sharing/permissions` then says what may leave by it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNNEL, REGISTERS = "hub.sharing.disclosure", "hub.sharing.register_disclosure"
ASKED = {"disclose", "again", "judge", "confirms"}
FUNNELS = {"_funnel": FUNNEL, "funnel": FUNNEL, "_registers": REGISTERS, "registers": REGISTERS}
WAYS = {
    "hub.sharing.reading": {"_funnel.disclose"},  # a licence, a list or a batch in a case; nodes
    "hub.sharing.service": {"_funnel.disclose"},  # what an authority issued itself
    "hub.sharing.own_search": {"_funnel.disclose"},  # what it finds of that
    "hub.sharing.holders": {"_funnel.disclose"},  # what is the holder's own
    "hub.sharing.presenting": {"_funnel.disclose"},  # what a holder shows at a counter
    "hub.sharing.feed": {"_funnel.disclose", "_funnel.confirms"},  # changes, subscriptions, webhooks
    "hub.sharing.forms.reading": {"_funnel.disclose"},
    "hub.sharing.materials.service": {"_funnel.disclose"},  # the licences that exempt
    "hub.sharing.materials.attempts": {"_funnel.judge", "_registers.judge"},  # materials and requirements
    "hub.sharing.proving": {"_funnel.confirms"},  # relations of parties
    "hub.sharing.rebuilding": {"_funnel.again"},  # evidence
    "hub.sharing.register_reading": {"_registers.disclose"},
}
"""Which modules ask the funnel, and its way for registers, and for what."""

MADE_BY = {
    "Disclosed": {FUNNEL},
    "DisclosedEntry": {REGISTERS},
    "Judged": {
        FUNNEL,
        REGISTERS,
        "hub.access.judging",
    },  # the last judges documents, and has a word of its own for that
    "SourceRead": {"hub.sharing.forms.reading"},  # what a form is filled from
    "StoredLicence": {"hub.licences.finding"},
    "StoredPart": {"hub.licences.finding"},
    "StoredEntry": {"hub.identities.finding"},
}
"""Who makes what leaves, and what is made of rows; nobody else may make one up."""

TELLING = (
    "hub.changes",
    "hub.renditions",
    "hub.sharing.forms",
    "hub.sharing.materials",
    "hub.sharing.feed",
    "hub.sharing.register_reading",
    "hub.sharing.presenting",
    "hub.counters.presentations",
    "hub.counters.seen",
    "hub.counters.service",
)
TELLING_TOO = ("hub.evidence", "hub.endpoints", "hub.web", "schema")
CIPHERTEXT = {"parts", "wrapped", "images", "unwrap", "open_wrapped", "by_id"}
"""What of a stored licence or entry, and of the vault, leads to what is sealed."""
OWN_SECRETS = {
    "hub.counters.presentations.keeping": {"PRESENTATION"},
    "hub.sharing.forms.disputes": {"DISPUTE"},
    "hub.sharing.materials.promise_list": {"PROMISE"},
    "hub.sharing.materials.promises": {"PROMISE"},
    "hub.changes.webhooks.receiver_secrets": {"WEBHOOK_SECRET"},
    "hub.renditions.downloads": {"RENDITION"},
}
"""What of their own these modules seal; the vault's purposes of faces and entries are not among it."""


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts), ast.parse(file.read_text("utf-8"))


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def asked(tree: ast.Module) -> set[str]:
    """Return what a module asks of a funnel, handed on uncalled too."""
    methods = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ASKED)
    return {f"{_name(node.value)}.{node.attr}" for node in methods if _name(node.value) in FUNNELS}


def made(tree: ast.Module) -> set[str]:
    """Return the names out of MADE_BY that a module constructs or subclasses, by whatever name it imports them."""
    names = {name: name for name in MADE_BY}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {each.asname: each.name for each in node.names if each.asname and each.name in MADE_BY}
    calls = (_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    bases = (_name(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases)
    return {names[each] for each in (*calls, *bases) if each in names}


def reaches(tree: ast.Module) -> set[str]:
    """Return what a module reads that leads to sealed data of others: attributes, and purposes of the vault."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & CIPHERTEXT
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    purposes = (each.name for node in imports if node.module == "hub.vault.purposes" for each in node.names)
    return found | {each for each in purposes if each.isupper()}


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return dict(_modules())


def test_every_way_out_is_known_and_asks_the_funnel_for_what_it_says(modules: dict[str, ast.Module]) -> None:
    inside = {FUNNEL, REGISTERS}
    assert {name: found for name, tree in modules.items() if name not in inside and (found := asked(tree))} == WAYS


@pytest.mark.parametrize("name", MADE_BY)
def test_what_leaves_is_made_where_it_is_decided(modules: dict[str, ast.Module], name: str) -> None:
    assert {module for module, tree in modules.items() if name in made(tree)} == MADE_BY[name]


def test_whoever_tells_reaches_no_sealed_face_or_entry_but_through_the_funnel(modules: dict[str, ast.Module]) -> None:
    told = {name: reaches(tree) for name, tree in modules.items() if name.startswith((*TELLING, *TELLING_TOO))}
    beyond = {name: found - OWN_SECRETS.get(name, set()) for name, found in told.items()}
    assert {name: found for name, found in beyond.items() if found} == {"schema.cost": {"parts"}}  # of a cost


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("self._funnel.disclose(basis, [stored], None, pending)", {"_funnel.disclose"}),
        ("gather(*map(self._funnel.disclose, several))", {"_funnel.disclose"}),
        ("sharing.funnel.judge(basis, stored, (), pending)", {"funnel.judge"}),
        ("self._registers.disclose(basis, entry, None, pending)", {"_registers.disclose"}),
        ("self._rules.judge(each)", set()),
    ],
)
def test_a_new_way_out_would_be_seen(source: str, found: set[str]) -> None:
    assert asked(ast.parse(source)) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from hub.sharing.disclosure import Judged as J\nJ('VALID', {}, frozenset())", {"Judged"}),
        ("class Mine(DisclosedEntry): ...", {"DisclosedEntry"}),
        ("reading.SourceRead(of)", {"SourceRead"}),
        ("StoredEntry(*row)", {"StoredEntry"}),
    ],
)
def test_what_is_made_up_would_be_seen(source: str, found: set[str]) -> None:
    assert made(ast.parse(source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "self._vault.unwrap(row.key_id, 1, b'')",
        "stored.parts[0].data",
        "await self._finder.images(stored.id)",
        "from hub.vault.purposes import FACE",
        "from hub.vault.purposes import REGISTER",
    ],
)
def test_a_detour_to_what_is_sealed_would_be_seen(source: str) -> None:
    assert reaches(ast.parse(source)) != set()
