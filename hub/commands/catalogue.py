"""Commands of the catalogue: `licence-hub authority` and `type`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from hub.commands.opening import AuthorityOption, offered_by, opened, screen, show

authorities = typer.Typer(help="Government bodies, known by their credit codes.", no_args_is_help=True)
types = typer.Typer(
    help="Licence types: published from files, with this deployment's codes and issuers.", no_args_is_help=True
)


@authorities.command("add")
def authority_add(
    code: Annotated[str, typer.Argument(help="18-character credit code.")],
    name_zh: Annotated[str, typer.Option(help="Chinese name.")],
    name_en: Annotated[str, typer.Option(help="English name.")],
    division: Annotated[str, typer.Option(help="6-digit division code.")],
    level: Annotated[str, typer.Option(help="NATION, PROVINCE, CITY, COUNTY, TOWNSHIP or VILLAGE.")],
    parent: Annotated[str | None, typer.Option(help="Credit code of the parent authority.")] = None,
) -> None:
    """Add a government body."""
    with opened() as hub:
        hub.catalogue.add_authority(code, name_zh, name_en, division, level, parent)
    screen.print(f"Added {name_zh}.")


@authorities.command("list")
def authority_list() -> None:
    """List the government bodies."""
    with opened() as hub:
        rows = [{"code": each.code, "name": each.name_zh, "level": each.level} for each in hub.catalogue.authorities()]
    show("Authorities", rows)


@types.command("publish")
def type_publish(
    file: Annotated[
        Path | None, typer.Argument(help="Type file (JSON); without one, all shipped types.", exists=True)
    ] = None,
) -> None:
    """Publish a licence type, or all shipped ones; a version that is already published stays as it is."""
    with opened() as hub:
        published = (
            hub.catalogue.publish_shipped() if file is None else [hub.catalogue.publish(json.loads(file.read_bytes()))]
        )
        left_out = offered_by(hub).schema.follow().offer.left_out
    screen.print(f"Published: {len(published)}.")
    for reason in left_out:
        screen.print(f"[red]GraphQL leaves out[/red] {reason}")


@types.command("list")
def type_list() -> None:
    """List the published licence types."""
    with opened() as hub:
        rows = [
            {"key": each.key, "version": each.version, "name": each.name.zh, "class": each.sharing_class.value}
            for each in hub.catalogue.types()
        ]
    show("Licence types", rows)


@types.command("show")
def type_show(
    key: Annotated[str, typer.Argument(help="Key of the type or register, such as BusinessLicence.")],
) -> None:
    """Show the fields of a type or register, by the paths that grants, demands and item documents name."""
    with opened() as hub:
        source = hub.catalogue.source(key)
    rows = [
        {
            "path": path,
            "name": source.title(path, "zh"),
            "English": source.title(path, "en"),
            "sensitivity": source.by_path[path].sensitivity.value,
            "shared": "never" if source.by_path[path].not_shared else "",
        }
        for path in source.leaf_paths
    ]
    show(f"{source.key} {source.name.zh}, {source.sharing_class.value}", rows)


@types.command("code")
def type_code(
    key: Annotated[str, typer.Argument(help="Key of the type, such as BusinessLicence.")],
    code: Annotated[str, typer.Argument(help="Its 21-character code (GB/T 36904).")],
) -> None:
    """Set the 21-character code under which this deployment issues a type."""
    with opened() as hub:
        hub.catalogue.set_type_code(key, code)
    screen.print(f"{key} is issued under {code}.")


@types.command("retire")
def type_retire(key: Annotated[str, typer.Argument(help="Key of the type.")]) -> None:
    """Retire a licence type: nothing new of it is issued; what was sealed stays readable and verifiable."""
    with opened() as hub:
        hub.catalogue.retire(key)
    screen.print(f"{key} is retired.")


@types.command("allow")
def type_allow(key: Annotated[str, typer.Argument(help="Key of the type.")], authority: AuthorityOption) -> None:
    """Let an authority issue licences of a type."""
    with opened() as hub:
        hub.catalogue.allow_issuing(authority, key)
    screen.print(f"{authority} may issue {key}.")
