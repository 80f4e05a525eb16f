"""Materials asked for by a department: documents made of a few materials, and what they come to."""

from collections.abc import Iterable, Mapping
from typing import Any

from hub.sharing.materials.case_materials import PromiseWish
from hub.sharing.materials.promise import Kind, Told, Who
from hub.sharing.materials.service import Assessed, Wish
from hub.sharing.purpose import Purpose
from hub.sharing.reading import OpenCase
from tests.catalogue.items.described import material, requirement, small
from tests.sharing.world import ITEM, World

DRIVING = "DriverLicence"
WORDS = {"zh": "条件", "en": "what is asked"}


def alternative(source: str = DRIVING, of: str = "applicant", *requirements: str, **more: Any) -> dict[str, Any]:
    """Return one way to satisfy a material."""
    return {"source": source, "of": of, "requirements": list(requirements), **more}


def asks(key: str, *alternatives: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a material."""
    return material(key=key, satisfiedBy=list(alternatives), **more)


def predicate(path: str, operator: str, value: Any, source: str = DRIVING) -> dict[str, Any]:
    """Return a requirement."""
    return requirement(source=source, path=path, operator=operator, value=value)


def publish(world: World, *materials: Mapping[str, Any], **requirements: Mapping[str, Any]) -> None:
    """Publish the next document of the asking authority's item."""
    known = world.catalogue.current.documents.get(ITEM, ())
    document = small(version=len(known) + 1, materials=list(materials), requirements=requirements)
    world.catalogue.documents.publish(ITEM, document)
    world.sharing.refresh()


async def assessed(world: World, of: Purpose, **wish: Any) -> dict[str, Assessed]:
    """Open a case, make records durable, and return what each material comes to."""
    pending = world.pending()
    case = await world.open(of, pending)
    found = await world.sharing.materials.of_case(case, Wish(**wish), pending)
    await world.recorder.commit(pending)
    return {each.material.key: each for each in found}


async def results(world: World, of: Purpose, **wish: Any) -> dict[str, tuple[str, str]]:
    """Return result and reason of each material."""
    found = await assessed(world, of, **wish)
    return {key: (each.result.value, each.reason.why.value) for key, each in found.items()}


def clerk(kind: Kind, key: str, digest: str | None = None, name: str = "窗口李文") -> PromiseWish:
    """Return the wish for a promise that a clerk takes down."""
    return PromiseWish(kind, key, Who(clerk=name), digest)


async def promised(world: World, case: OpenCase, wish: PromiseWish, key: str = "promise-1") -> Told:
    """Record a promise."""
    return await world.sharing.materials.promise(world.caller(), case, wish, key, world.pending())


def operations(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what records of materials say was done."""
    return [record["operation"] for record in records]
