"""The table of the catalogue's acts: types retired and given codes, rights given and taken, authorities and items added and renamed."""

from dataclasses import replace
from typing import Final

from hub.access.staff.caller import Staff
from hub.catalogue.desk import Why
from hub.catalogue.generation import level_of
from hub.catalogue.licence_type import LicenceType
from hub.catalogue.service import Authority, Catalogue, ServiceItem
from hub.web.console.catalogue.acting import ANY, Asked, Binding, Fact, Names, Shown, require_seen, revision

_HOME: Final = "/console/catalogue"
_TYPE: Final = f"{_HOME}/types/{{key}}"
_AUTHORITY: Final = f"{_HOME}/authorities/{{authority}}"
_REGISTERS: Final = f"{_HOME}/registers"
_ITEM: Final = f"{_HOME}/items/{{item}}"


# -- what is shown ---------------------------------------------------------------------------------------------------


def _type_fact(one: LicenceType) -> Fact:
    return Fact("catalogue.type", one.name.zh, one.name.en, one.key)


def _authority_fact(one: Authority) -> Fact:
    return Fact("catalogue.authority", one.name_zh, one.name_en, one.code)


def _register_fact(catalogue: Catalogue, names: Names) -> Fact:
    register = catalogue.register(names["register"])
    return Fact("catalogue.register", register.name.zh, register.name.en, register.key)


def _of_type(catalogue: Catalogue, names: Names) -> Shown:
    one = catalogue.type(names["key"])
    issuers = [_authority_fact(catalogue.authority(each)) for each in catalogue.issuers_of(one.key)]
    return Shown((_type_fact(one), *(replace(each, label="catalogue.issuer") for each in issuers)))


def _code_of_type(catalogue: Catalogue, names: Names) -> Shown:
    code, present = catalogue.current.type_codes.get(names["key"], ""), catalogue.current.code_of(names["key"])
    fact = (Fact("catalogue.type_code.present", "", "", present),) if present else ()
    return Shown((*_of_type(catalogue, names).facts[:1], *fact), {"code": code}, revision(code))


def _of_issuer(catalogue: Catalogue, names: Names) -> Shown:
    versions = catalogue.current.types.get(names["key"]) or (catalogue.type(names["key"]),)
    return Shown((_type_fact(versions[-1]), _authority_fact(catalogue.authority(names["authority"]))))


def _of_authority(catalogue: Catalogue, names: Names) -> Shown:
    return Shown((_authority_fact(catalogue.authority(names["authority"])),))


def _authority_as_it_is(catalogue: Catalogue, names: Names) -> Shown:
    one = catalogue.authority(names["authority"])
    begins = {
        "name_zh": one.name_zh, "name_en": one.name_en, "division": one.division, "level": one.level.value, "parent": one.parent or "",
    }  # fmt: skip
    return Shown((_authority_fact(one),), begins, revision(one))


def _of_register(catalogue: Catalogue, names: Names) -> Shown:
    return Shown((_register_fact(catalogue, names),))


def _of_source(catalogue: Catalogue, names: Names) -> Shown:
    return Shown((_register_fact(catalogue, names), _authority_fact(catalogue.authority(names["authority"]))))


def _item_as_it_is(catalogue: Catalogue, names: Names) -> Shown:
    one = catalogue.item(names["item"])
    handled_by = _authority_fact(catalogue.authority(one.authority))
    facts = (Fact("catalogue.item", one.name_zh, one.name_en, one.code), handled_by)
    return Shown(facts, {"name_zh": one.name_zh, "name_en": one.name_en}, revision(one))


def _nothing(_catalogue: Catalogue, _names: Names) -> Shown:
    return Shown()


# -- what is done ----------------------------------------------------------------------------------------------------


def _text(typed: Names, name: str) -> str:
    return typed.get(name, "").strip()


def _authority(typed: Names, code: str) -> Authority:
    return Authority(
        code, _text(typed, "name_zh"), _text(typed, "name_en"), _text(typed, "division"), level_of(_text(typed, "level")),
        _text(typed, "parent") or None,
    )  # fmt: skip


def _retire(catalogue: Catalogue, staff: Staff, names: Names, _typed: Names, given: Why) -> None:
    catalogue.desk.retire_type(staff, names["key"], given)


def _set_code(catalogue: Catalogue, staff: Staff, names: Names, typed: Names, given: Why) -> None:
    seen = catalogue.current.type_codes.get(names["key"], "")
    require_seen(typed, seen)
    catalogue.desk.set_type_code(staff, names["key"], _text(typed, "code"), given, seen=seen)


def _allow(catalogue: Catalogue, staff: Staff, names: Names, typed: Names, given: Why) -> None:
    both = {**typed, **names}
    catalogue.desk.allow_issuing(staff, _text(both, "authority"), _text(both, "key"), given)


def _end_issuing(catalogue: Catalogue, staff: Staff, names: Names, _typed: Names, given: Why) -> None:
    catalogue.desk.end_issuing(staff, names["authority"], names["key"], given)


def _allow_feeding(catalogue: Catalogue, staff: Staff, names: Names, typed: Names, given: Why) -> None:
    catalogue.desk.allow_feeding(staff, _text(typed, "authority"), names["register"], given)


def _end_feeding(catalogue: Catalogue, staff: Staff, names: Names, _typed: Names, given: Why) -> None:
    catalogue.desk.end_feeding(staff, names["authority"], names["register"], given)


def _add_authority(catalogue: Catalogue, staff: Staff, _names: Names, typed: Names, given: Why) -> None:
    catalogue.desk.add_authority(staff, _authority(typed, _text(typed, "code")), given)


def _change_authority(catalogue: Catalogue, staff: Staff, names: Names, typed: Names, given: Why) -> None:
    seen = catalogue.authority(names["authority"])
    require_seen(typed, seen)
    catalogue.desk.change_authority(staff, seen, _authority(typed, seen.code), given)


def _add_item(catalogue: Catalogue, staff: Staff, _names: Names, typed: Names, given: Why) -> None:
    texts = (_text(typed, name) for name in ("code", "name_zh", "name_en", "authority"))
    catalogue.desk.add_item(staff, ServiceItem(*texts), given)


def _rename_item(catalogue: Catalogue, staff: Staff, names: Names, typed: Names, given: Why) -> None:
    seen = catalogue.item(names["item"])
    require_seen(typed, seen)
    catalogue.desk.rename_item(staff, seen, _text(typed, "name_zh"), _text(typed, "name_en"), given)


# -- the table -------------------------------------------------------------------------------------------------------


def _hub(_catalogue: Catalogue, _names: Names) -> None:
    return None


def _any(_catalogue: Catalogue, _names: Names) -> str:
    return ANY


_ONE_AUTHORITY: Final = (Asked("authority", "authority"),)
_UNKNOWN: Final = {"AUTHORITY_UNKNOWN": "authority"}
_NAMES: Final = (Asked("name_zh"), Asked("name_en"))
_BODY: Final = (*_NAMES, Asked("division"), Asked("level", "level"), Asked("parent", "authority", optional=True))

BINDINGS: Final = (
    Binding(
        "retire", f"{_TYPE}/retire", lambda catalogue, names: catalogue.desk.keeper_of(names["key"]), _of_type, _retire, _TYPE, danger=True
    ),
    Binding(
        "code", f"{_TYPE}/code", _hub, _code_of_type, _set_code, _TYPE, (Asked("code"),),
        {"CODE_INVALID": "code", "ALREADY_EXISTS": "code", "VERSION_CONFLICT": "code"},
    ),
    Binding("allow", f"{_TYPE}/issuers", _hub, _of_type, _allow, _TYPE, _ONE_AUTHORITY, _UNKNOWN),
    Binding("disallow", f"{_TYPE}/issuers/{{authority}}", _hub, _of_issuer, _end_issuing, _TYPE, danger=True),
    Binding(
        "add_authority", f"{_HOME}/authorities/new", _hub, _nothing, _add_authority, f"{_HOME}/authorities", (Asked("code"), *_BODY),
        {"CODE_INVALID": "code", "ALREADY_EXISTS": "code", "AUTHORITY_UNKNOWN": "parent"},
    ),
    Binding(
        "change_authority", f"{_AUTHORITY}/change", _hub, _authority_as_it_is, _change_authority, _AUTHORITY, _BODY,
        {"CODE_INVALID": "division", "AUTHORITY_UNKNOWN": "parent"},
    ),
    Binding(
        "allow_type", f"{_AUTHORITY}/types", _hub, _of_authority, _allow, _AUTHORITY, (Asked("key", "type"),), {"TYPE_UNKNOWN": "key"}
    ),
    Binding("feed", f"{_REGISTERS}/{{register}}/sources", _hub, _of_register, _allow_feeding, _REGISTERS, _ONE_AUTHORITY, _UNKNOWN),
    Binding("end_feed", f"{_REGISTERS}/{{register}}/sources/{{authority}}", _hub, _of_source, _end_feeding, _REGISTERS, danger=True),
    Binding(
        "add_item", f"{_HOME}/items/new", _any, _nothing, _add_item, f"{_HOME}/items",
        (Asked("code"), *_NAMES, *_ONE_AUTHORITY), {"ALREADY_EXISTS": "code", "AUTHORITY_UNKNOWN": "authority"},
    ),
    Binding(
        "rename_item", f"{_ITEM}/rename", lambda catalogue, names: catalogue.item(names["item"]).authority, _item_as_it_is, _rename_item,
        _ITEM, _NAMES,
    ),
)  # fmt: skip
