"""Commands of service items: `licence-hub item`. Their documents say what each asks for, and what satisfies it without paper."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.catalogue.items.exemption_list import WAYS, exemptions, table
from hub.catalogue.items.item_document import ItemDocument, Material, shipped_item_documents
from hub.catalogue.items.refusals import ItemDocumentError
from hub.catalogue.items.share import Share
from hub.catalogue.items.words import role
from hub.commands.opening import AuthorityOption, opened, screen, show

items = typer.Typer(
    help="Service items that authorities handle, and the documents that say what each asks for. Begin with `item add`, then `item publish`.",
    no_args_is_help=True,
)
DocumentArgument = Annotated[
    str, typer.Argument(help="A file (JSON), or the key of a shipped document; `item shipped` lists them.")
]
ItemArgument = Annotated[str, typer.Argument(help="Code of the service item (实施编码).")]


@items.command("add")
def add(
    code: ItemArgument,
    name_zh: Annotated[str, typer.Option(help="Chinese name.")],
    name_en: Annotated[str, typer.Option(help="English name.")],
    authority: AuthorityOption,
) -> None:
    """Add a service item to the authority that handles it."""
    with opened() as hub:
        hub.catalogue.add_item(code, name_zh, name_en, authority)
    screen.print(f"Added {name_zh}. What it asks for comes by `licence-hub item publish`.")


@items.command("shipped")
def shipped() -> None:
    """List the documents that come with the hub, and which share of their materials nobody hands in who has the licences."""
    described = [ItemDocument.of(each) for each in shipped_item_documents()]
    rows = [_share(one.key, one.name.zh, Share.of([one])) for one in described]
    show("Shipped documents", [*rows, _share("all", f"{len(described)} items", Share.of(described))])
    screen.print("Results of the same case are not counted. Conditional materials are, each.")


@items.command("overdue")
def overdue(
    authority: Annotated[str | None, typer.Option("--authority", "-a", help="Of this authority only.")] = None,
) -> None:
    """List the commitments that nobody has checked and the materials that did not follow, after their deadlines."""
    with opened() as hub:
        found = hub.sharing.materials.promises.overdue(authority)
    rows = [
        {
            "promise": one.promise.id, "deadline": one.promise.deadline, "kind": one.promise.kind.value, "item": one.item,
            "case": one.case_number, "material": one.promise.material,
        }
        for one in found
    ]  # fmt: skip
    show("Overdue", rows)
    if rows:
        screen.print("The department's system says what became of each: mutation `settlePromise`.")


@items.command("check")
def check(document: DocumentArgument) -> None:
    """Judge a document against this hub's licence types, without publishing it."""
    with opened() as hub:
        one = hub.catalogue.documents.check(_read(document))
    screen.print(f"{one.key} version {one.version} may be published: {len(one.materials)} materials.")
    screen.print("Next: licence-hub item publish DOCUMENT --item CODE")


@items.command("publish")
def publish(
    document: DocumentArgument,
    item: Annotated[str, typer.Option("--item", "-i", help="Code of the service item (实施编码).")],
) -> None:
    """Publish a document for a service item; a version that is published already stays as it is, and the next one takes its place."""
    with opened() as hub:
        one = hub.catalogue.documents.publish(item, _read(document))
    screen.print(f"Published {one.name.zh}, version {one.version}. Departments see it at once: `case {{ materials }}`.")


@items.command("list")
def list_items() -> None:
    """List the service items, and which document each has."""
    with opened() as hub:
        current = hub.catalogue.current
        rows = [
            {
                "code": each.code, "name": each.name_zh, "authority": each.authority,
                "document": f"{versions[-1].document.key} {versions[-1].version}"
                if (versions := current.documents.get(each.code)) else "none: licence-hub item publish",
            }
            for each in hub.catalogue.items()
        ]  # fmt: skip
    show("Service items", rows)


@items.command("show")
def show_item(code: ItemArgument) -> None:
    """Show what a service item asks for, and what stands in place of each paper."""
    with opened() as hub:
        one = hub.catalogue.documents.of(code)
    screen.print(f"{one.name.zh} · {one.name.en} ({one.key}, version {one.version})")
    screen.print(f"Limit: {one.limit} working days. Basis: {'; '.join(each.text for each in one.basis)}")
    show("Materials", [_told(material) for material in one.materials])
    screen.print(f"Note: {one.note}")


@items.command("exemptions")
def exemption_list(
    output: Annotated[Path | None, typer.Option(help="File to write as CSV; the screen without it.")] = None,
) -> None:
    """Show the exemption list (材料免提交清单), or write it as the hub publishes it at /exemption-list.csv."""
    with opened() as hub:
        rows, calendar = exemptions(hub.catalogue.current), hub.settings.calendar
    if output is not None:
        output.write_bytes(table(rows, calendar))
        screen.print(f"Written: {len(rows)} rows.")
        return
    names = ({"item": row.item_name.zh, "material": row.material_name.zh, "way": WAYS[row.way].zh} for row in rows)
    show("Exemption list", list(names))


def _share(key: str, name: str, share: Share) -> dict[str, Any]:
    return {
        "key": key, "name": name, "materials": share.materials, "by licence": share.by_licence, "looked up": share.by_check,
        "promised": share.by_promise, "paper": share.on_paper, "not handed in": f"{share.exempt:.0%}",
        "of what authorities issue": f"{share.issued_exempt:.0%}",
    }  # fmt: skip


def _told(material: Material) -> dict[str, Any]:
    licences = (f"{one.source} ({role(one.of).zh})" for one in material.satisfied_by)
    otherwise = {
        "department check": material.department_check,
        "result of the case": material.result_of,
        "commitment": material.commitment,
        "deferral": material.deferral,
    }
    return {
        "key": material.key,
        "material": material.name.zh,
        "asked for": material.condition.zh if material.condition else "always",
        "in place of paper": ", ".join((*licences, *(name for name, there in otherwise.items() if there))) or "nothing",
    }


def _read(document: str) -> Mapping[str, Any]:
    """Return the document that is named: a shipped one by its key, else a file."""
    known: dict[str, Mapping[str, Any]] = {each["key"]: each for each in shipped_item_documents()}
    if document in known:
        return known[document]
    try:
        read: Mapping[str, Any] = json.loads(Path(document).read_bytes())
    except (OSError, ValueError) as error:
        raise ItemDocumentError(
            "There is no such file, or it is no JSON; `licence-hub item shipped` lists shipped documents."
        ) from error
    return read
