"""The shipped licence types, and every rule by which a document is refused, one bad document each."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hub.catalogue.code_types import HolderKind
from hub.catalogue.face_fields import BASE_LABELS, Field, Sensitivity
from hub.catalogue.face_kinds import Kind
from hub.catalogue.face_schema import RESERVED_NAMES
from hub.catalogue.licence_type import (
    Category,
    LicenceType,
    SharingClass,
    Validity,
    ValidityKind,
    compatible,
    load_shipped,
    parse,
    shipped_documents,
)
from hub.errors import LicenceTypeError

TYPES = {licence_type.key: licence_type for licence_type in load_shipped()}

CONFIRMED_CODES = {
    "BusinessLicence": "11100000MB0143028R001",
    "ResidentIdentityCard": "11100000000013127D001",
    "RoadTransportPermit": "11100000000019713D008",
    "RealEstateTitle": "11100000MB03271699001",
    "SafetyProductionLicence": "11100000000013338W050",
}

# Key, Chinese name, and face fields with their Chinese titles, in catalogue order.
FACES = (
    (
        "BusinessLicence",
        "营业执照",
        {"businessScope": "经营范围", "establishedOn": "成立日期（注册日期）", "name": "名称"},
    ),
    (
        "FoodBusinessLicence",
        "食品经营许可证",
        {"businessPremises": "经营场所", "permittedItems": "经营项目", "businessFormat": "主体业态"},
    ),
    (
        "FoodProductionLicence",
        "食品生产许可证",
        {"productionAddress": "生产地址", "productDetails.varieties": "品种明细", "foodCategories": "食品类别"},
    ),
    (
        "DrugBusinessLicence",
        "药品经营许可证",
        {"qualityManager": "质量负责人", "businessMode": "经营方式", "warehouseAddress": "仓库地址"},
    ),
    (
        "MedicalInstitutionLicence",
        "医疗机构执业许可证",
        {"beds": "床位", "diagnosisSubjects.name": "科目名称", "verifications.next": "下次校验日期"},
    ),
    (
        "PhysicianPracticeCertificate",
        "医师执业证书",
        {"practiceScope": "执业范围", "qualificationNumber": "医师资格证书编码", "mainInstitution": "主要执业机构"},
    ),
    ("ResidentIdentityCard", "居民身份证", {"sex": "性别", "address": "住址", "photo": "本人相片"}),
    (
        "HouseholdRegister",
        "居民户口簿",
        {"householdType": "户别", "members.religion": "宗教信仰", "members.relationToHead": "户主或与户主关系"},
    ),
    (
        "MarriageCertificate",
        "结婚证",
        {"parties.idNumber": "身份证件号", "jointPhoto": "双方照片", "registrar": "婚姻登记员"},
    ),
    ("DivorceCertificate", "离婚证", {"parties.name": "姓名", "photo": "照片", "bearerName": "持证人"}),
    (
        "BirthMedicalCertificate",
        "出生医学证明",
        {"bornAt": "出生时间", "mother.idNumber": "母亲证件号码", "father.name": "父亲姓名"},
    ),
    (
        "DisabilityCertificate",
        "残疾人证",
        {"disabilityCategory": "残疾类别", "disabilityGrade": "残疾等级", "guardian.name": "监护人姓名"},
    ),
    ("DriverLicence", "机动车驾驶证", {"vehicleClasses": "准驾车型", "fileNumber": "档案编号", "points": "累积记分"}),
    (
        "VehicleLicence",
        "机动车行驶证",
        {"plateNumber": "号牌号码", "vin": "车辆识别代号", "engineNumber": "发动机号码"},
    ),
    (
        "RoadTransportPermit",
        "道路运输经营许可证",
        {"businessScope": "经营范围", "economicType": "经济类型", "address": "地址"},
    ),
    (
        "RealEstateTitle",
        "不动产权证书",
        {"unitNumber": "不动产单元号", "owners.idNumber": "权利人证件号", "coOwnership": "共有情况"},
    ),
    (
        "ConstructionPlanningPermit",
        "建设工程规划许可证",
        {"projectName": "建设项目名称", "location": "建设位置", "attachments": "附图及附件名称"},
    ),
    (
        "ConstructionPermit",
        "建筑工程施工许可证",
        {"contractPeriod": "合同工期", "contractPriceWan": "合同价格", "supervisor.leader": "总监理工程师"},
    ),
    (
        "SafetyProductionLicence",
        "安全生产许可证",
        {"scope": "许可范围", "principal": "主要负责人", "firstIssuedOn": "首次领证日期"},
    ),
    (
        "PublicPlaceHygieneLicence",
        "公共场所卫生许可证",
        {"permittedItems": "许可项目", "legalRepresentative": "法定代表人（负责人）", "reviews.date": "复核日期"},
    ),
    (
        "SocialOrganisationCertificate",
        "社会团体法人登记证书",
        {"activityArea": "活动地域", "registeredFund": "注册资金（活动资金）", "supervisingUnit": "业务主管单位"},
    ),
    (
        "PublicInstitutionCertificate",
        "事业单位法人证书",
        {"purposeAndScope": "宗旨和业务范围", "fundingSource": "经费来源", "sponsor": "举办单位"},
    ),
    (
        "FireSafetyInspectionOpinion",
        "公众聚集场所投入使用、营业前消防安全检查意见书",
        {"placeType": "场所性质（使用性质）", "procedure": "办理方式", "conclusion": "检查意见"},
    ),
    (
        "TaxPaymentCertificate",
        "税收完税证明",
        {"lines.taxType": "税种", "lines.amount": "实缴（退）金额", "total": "金额合计（小写）"},
    ),
)


def test_the_catalogue_ships_24_types_in_order() -> None:
    assert [(each.key, each.name.zh, each.order) for each in load_shipped()] == [
        (key, name, position) for position, (key, name, _) in enumerate(FACES, 1)
    ]


@pytest.mark.parametrize(
    ("key", "path", "title"), [(key, path, title) for key, _, fields in FACES for path, title in fields.items()]
)
def test_faces_have_the_fields_of_the_paper(key: str, path: str, title: str) -> None:
    assert TYPES[key].title(path, "zh-CN") == title
    assert TYPES[key].title(path, "en").isascii()


def test_only_confirmed_type_codes_are_given() -> None:
    assert {key: each.type_code for key, each in TYPES.items() if each.type_code} == CONFIRMED_CODES


def test_bodies_without_a_confirmed_code_have_none() -> None:
    assert {each.definer.name.zh for each in TYPES.values() if each.definer.credit_code is None} == {
        "国家卫生健康委员会",
        "中国残疾人联合会",
        "中央机构编制委员会办公室",
        "国家消防救援局",
    }


def test_every_shipped_file_cites_its_source_and_is_plain_json_schema() -> None:
    for document in shipped_documents():
        Draft202012Validator.check_schema(document["schema"])
        assert document["source"]["law"]
        assert (
            document["typeCode"]
            or "confirmed" in document["source"]["note"]
            or "not given" in document["source"]["note"]
        )


def test_no_shipped_field_takes_a_reserved_name() -> None:
    for document in shipped_documents():
        assert not RESERVED_NAMES & document["schema"]["properties"].keys()


def test_catalogue_facts_that_sharing_relies_on() -> None:
    conditional = {key for key, each in TYPES.items() if each.sharing_class is SharingClass.CONDITIONAL}
    assert conditional == {key for key, _, _ in FACES if TYPES[key].order in {6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 24}}
    several = {key for key, each in TYPES.items() if each.several_holders}
    assert several == {"HouseholdRegister", "MarriageCertificate", "DivorceCertificate", "RealEstateTitle"}
    proofs = {key for key, each in TYPES.items() if each.category is Category.PROOF}
    assert proofs == {"BirthMedicalCertificate", "TaxPaymentCertificate"}
    assert TYPES["FireSafetyInspectionOpinion"].category is Category.APPROVAL
    assert TYPES["VehicleLicence"].holder_kinds == {HolderKind.PERSON, HolderKind.ORGANISATION}
    assert TYPES["PublicPlaceHygieneLicence"].validity == Validity(ValidityKind.YEARS, 4)
    assert TYPES["ResidentIdentityCard"].validity == Validity(ValidityKind.DATED)


@pytest.mark.parametrize(
    ("key", "scope"),
    [
        ("BusinessLicence", ("holder",)),
        ("FoodBusinessLicence", ("holder", "businessPremises")),
        ("HouseholdRegister", ("number",)),
        ("VehicleLicence", ("vin",)),
        ("RealEstateTitle", ("unitNumber", "holder")),
        ("DivorceCertificate", ()),
        ("TaxPaymentCertificate", ()),
    ],
)
def test_what_is_unique_follows_the_type(key: str, scope: tuple[str, ...]) -> None:
    assert TYPES[key].uniqueness == scope


def test_household_fields_are_laid_out_flat_with_their_meaning() -> None:
    household = TYPES["HouseholdRegister"]
    assert [each.path for each in household.fields[:6]] == [
        "number", "holders", "holders.codeType", "holders.code", "holders.name", "issuedOn",
    ]  # fmt: skip
    assert household.per_person == {"holders": "code", "members": "citizenNumber"}
    members = household.by_path["members"]
    assert (members.kind, members.item_kind, members.sensitivity) == (Kind.LIST, Kind.OBJECT, Sensitivity.SENSITIVE)
    assert household.by_path["members.religion"].not_shared
    assert not household.by_path["members.name"].not_shared
    assert "members" not in household.leaf_paths
    assert "members.corrections.content" in household.leaf_paths


def test_what_is_disclosed_as_one_is_one_path() -> None:
    permit = TYPES["ConstructionPermit"]
    assert permit.atomic == {"contractPeriod"}
    assert "contractPeriod" in permit.leaf_paths
    assert "contractPeriod.start" not in permit.leaf_paths
    assert permit.by_path["contractPeriod.start"].kind is Kind.DATE
    assert permit.by_path["contractPriceWan"] == Field(
        path="contractPriceWan",
        title_zh="合同价格",
        title_en="Contract price",
        description="Price under the contract.",
        kind=Kind.DECIMAL,
        sensitivity=Sensitivity.PUBLIC,
        required=True,
        unit="CNY 10,000",
        pinyin=("hetongjiagewanyuan",),
    )


def test_pictures_lists_and_choices_are_told_apart() -> None:
    driver = TYPES["DriverLicence"]
    assert driver.image_paths == {"photo"}
    classes = driver.by_path["vehicleClasses"]
    assert (classes.kind, classes.item_kind, classes.choices[0]) == (Kind.LIST, Kind.STRING, "A1")
    assert driver.by_path["points"].kind is Kind.INTEGER
    assert TYPES["BirthMedicalCertificate"].by_path["bornAt"].kind is Kind.DATE_TIME
    assert TYPES["HouseholdRegister"].by_path["members.isHead"].kind is Kind.BOOLEAN


def test_base_fields_have_the_faces_titles_and_the_shared_ones_otherwise() -> None:
    licence = TYPES["BusinessLicence"]
    assert licence.title("number", "zh") == "统一社会信用代码"
    assert licence.title("authority", "en") == "Registration authority"
    assert licence.title("status", "zh") == BASE_LABELS["status"].zh
    with pytest.raises(KeyError):
        licence.title("madeUp", "zh")


def test_identity_numbers_used_as_licence_numbers_are_sensitive() -> None:
    for key in ("ResidentIdentityCard", "DriverLicence", "DisabilityCertificate"):
        assert TYPES[key].by_path["number"].sensitivity is Sensitivity.SENSITIVE
    assert TYPES["BusinessLicence"].by_path["holders.code"].sensitivity is Sensitivity.PUBLIC


# --- documents that must be refused -----------------------------------------------------------------------------------

Document = dict[str, Any]


def sound() -> Document:
    """A small local type that uses every keyword."""
    shown = {"description": "A field.", "x-sensitivity": "PUBLIC"}
    return {
        "key": "KiteLicence",
        "version": 1,
        "name": {"zh": "风筝证", "en": "Kite licence"},
        "category": "LICENCE",
        "definer": {"name": {"zh": "虚构市风筝办", "en": "Kite office"}, "creditCode": None},
        "typeCode": None,
        "holderKinds": ["PERSON"],
        "severalHolders": False,
        "sharingClass": "CONDITIONAL",
        "validity": {"kind": "YEARS", "years": 2},
        "uniqueness": ["holder", "tail.colour"],
        "labels": {"number": {"zh": "风筝证号", "en": "Kite number", "sensitivity": "PUBLIC"}},
        "schema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["tail"],
            "properties": {
                "tail": {
                    "title": "尾",
                    "x-title-en": "Tail",
                    "description": "The tail.",
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["colour"],
                    "properties": {
                        "colour": {"title": "颜色", "x-title-en": "Colour", **shown, "type": "string", "maxLength": 9},
                        "length": {
                            "title": "长度", "x-title-en": "Length", **shown, "type": "integer", "minimum": 0, "maximum": 9,
                        },
                    },
                },
                "strings": {
                    "title": "线", "x-title-en": "Strings", **shown, "type": "array", "maxItems": 9,
                    "items": {"type": "string", "maxLength": 9},
                },
                "flyers": {
                    "title": "放飞人",
                    "x-title-en": "Flyers",
                    "description": "Who flies it.",
                    "type": "array",
                    "maxItems": 9,
                    "x-per-person": "code",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["code"],
                        "properties": {
                            "code": {"title": "号码", "x-title-en": "Code", **shown, "type": "string", "maxLength": 30}
                        },
                    },
                },
            },
        },
        "source": {"law": "Local kite rules.", "note": "Made up.", "grade": "local"},
    }  # fmt: skip


def test_a_sound_local_type_is_accepted() -> None:
    kite = parse(sound())
    assert kite.order is None
    assert kite.per_person == {"holders": "code", "flyers": "code"}
    assert hash(kite) == hash(parse(sound()))
    assert kite == parse(sound())


def put(path: str, value: object) -> Callable[[Document], None]:
    """Return a change that sets the member at a slash-separated path."""

    def change(document: Document) -> None:
        *way, last = path.split("/")
        place = document
        for step in way:
            place = place[step]
        place[last] = value

    return change


def drop(path: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        *way, last = path.split("/")
        place = document
        for step in way:
            place = place[step]
        del place[last]

    return change


PROPERTIES = "schema/properties"
COLOUR = f"{PROPERTIES}/tail/properties/colour"
LENGTH = f"{PROPERTIES}/tail/properties/length"
STRINGS = f"{PROPERTIES}/strings"
FLYERS = f"{PROPERTIES}/flyers"
PLAIN = {
    "title": "甲",
    "x-title-en": "A",
    "description": "A.",
    "type": "string",
    "maxLength": 9,
    "x-sensitivity": "PUBLIC",
}

REFUSED = {
    "not an object": (None, ["not", "an", "object"], "/: "),
    "unknown member": (put("colour", "red"), None, "colour"),
    "missing member": (drop("sharingClass"), None, "sharingClass"),
    "key is no GraphQL name": (put("key", "kite-licence"), None, "/key"),
    "version zero": (put("version", 0), None, "/version"),
    "version is a float": (put("version", 1.5), None, "/version"),
    "unknown category": (put("category", "TOY"), None, "/category"),
    "unknown sharing class": (put("sharingClass", "SOMETIMES"), None, "/sharingClass"),
    "unknown holder kind": (put("holderKinds", ["KITE"]), None, "/holderKinds/0"),
    "no holder kind": (put("holderKinds", []), None, "/holderKinds"),
    "years without a number": (put("validity", {"kind": "YEARS"}), None, "/validity"),
    "years beside long-term": (put("validity", {"kind": "LONG_TERM", "years": 2}), None, "/validity"),
    "label of no base field": (put("labels/tail", {"zh": "尾", "en": "Tail"}), None, "/labels"),
    "label without English": (put("labels/number", {"zh": "号"}), None, "/labels/number"),
    "sensitivity of a clear field": (
        put("labels/authority", {"zh": "机关", "en": "Authority", "sensitivity": "PUBLIC"}), None, "/labels/authority",
    ),
    "empty source": (put("source/law", " "), None, "/source/law"),
    "credit code with a wrong check character": (put("definer/creditCode", "11100000MB0143028T"), None, "/definer"),
    "type code without a definer's": (put("typeCode", "11100000MB0143028R001"), None, "/typeCode"),
    "type code too short": (put("typeCode", "11100000MB0143028R01"), None, "/typeCode"),
    "uniqueness of no field": (put("uniqueness", ["wingspan"]), None, "wingspan"),
    "uniqueness of an optional field": (put("uniqueness", ["tail.length"]), None, "tail.length"),
    "uniqueness inside a list": (put("uniqueness", ["flyers.code"]), None, "flyers.code"),
    "uniqueness of an object": (put("uniqueness", ["tail"]), None, "/uniqueness: tail"),
    "schema that is not JSON Schema": (put(f"{COLOUR}/maxLength", "long"), None, "not JSON Schema"),
    "root of another type": (put("schema/type", "array"), None, "must be object"),
    "root keyword": (put("schema/allOf", []), None, "/schema"),
    "root keyword that JSON Schema knows": (put("schema/minProperties", 1), None, "`minProperties` is not supported"),
    "open root": (put("schema/additionalProperties", True), None, "additionalProperties"),
    "open object": (drop(f"{PROPERTIES}/tail/additionalProperties"), None, "tail: an object needs `additionalProperties`"),
    "open list element": (drop(f"{FLYERS}/items/additionalProperties"), None, "flyers (elements): an object"),
    "required field that is not there": (put("schema/required", ["wings"]), None, "wings"),
    "reserved name of the hub": (put(f"{PROPERTIES}/status", PLAIN), None, "status: the name is reserved"),
    "reserved name of a claim": (put(f"{PROPERTIES}/vct", PLAIN), None, "vct: the name is reserved"),
    "reserved digest name": (put(f"{PROPERTIES}/_sd", PLAIN), None, "_sd: the name is reserved"),
    "name GraphQL does not know": (put(f"{PROPERTIES}/wing-span", PLAIN), None, "wing-span"),
    "name with a capital": (put(f"{PROPERTIES}/Wing", PLAIN), None, "Wing"),
    "property that is true": (put(f"{PROPERTIES}/wing", True), None, "wing: must be an object"),
    "no type": (drop(f"{COLOUR}/type"), None, "tail.colour: `type`"),
    "two types": (put(f"{COLOUR}/type", ["string", "null"]), None, "tail.colour: `type`"),
    "float": (put(f"{LENGTH}/type", "number"), None, "tail.length: `type`"),
    "unknown keyword": (put(f"{COLOUR}/oneOf", [{}]), None, "`oneOf` is not supported"),
    "misspelt keyword": (put(f"{COLOUR}/x-sensitive", "PUBLIC"), None, "`x-sensitive` is not supported"),
    "no Chinese title": (drop(f"{COLOUR}/title"), None, "`title`"),
    "no English title": (drop(f"{COLOUR}/x-title-en"), None, "`x-title-en`"),
    "no description": (put(f"{COLOUR}/description", " "), None, "`description`"),
    "no sensitivity": (drop(f"{COLOUR}/x-sensitivity"), None, "tail.colour: `x-sensitivity`"),
    "unknown sensitivity": (put(f"{COLOUR}/x-sensitivity", "LOW"), None, "tail.colour: `x-sensitivity`"),
    "sensitivity on an object": (put(f"{PROPERTIES}/tail/x-sensitivity", "PUBLIC"), None, "tail: leave"),
    "pinyin that is a text": (put(f"{COLOUR}/x-pinyin", "YS"), None, "`x-pinyin`"),
    "not-shared that is a text": (put(f"{COLOUR}/x-not-shared", "yes"), None, "`x-not-shared`"),
    "atomic that is a number": (put(f"{PROPERTIES}/tail/x-atomic", 1), None, "`x-atomic`"),
    "unit that is a number": (put(f"{LENGTH}/x-unit", 5), None, "`x-unit`"),
    "endless text": (drop(f"{COLOUR}/maxLength"), None, "`maxLength`"),
    "enormous text": (put(f"{COLOUR}/maxLength", 100_000), None, "`maxLength`"),
    "empty choice": (put(f"{COLOUR}/enum", []), None, "`enum`"),
    "choice of a number": (put(f"{COLOUR}/enum", [1]), None, "`enum`"),
    "unknown format": (put(f"{COLOUR}/format", "email"), None, "`format`"),
    "decimal without its pattern": (put(f"{COLOUR}/format", "decimal"), None, "decimal"),
    "pattern not anchored": (put(f"{COLOUR}/pattern", "[a-z]"), None, "begin with ^"),
    "pattern that can run for ever": (put(f"{COLOUR}/pattern", "^(a+)+$"), None, "for ever"),
    "pattern that does not compile": (put(f"{COLOUR}/pattern", "^[a$"), None, "not a 'regex'"),
    "picture of another kind": (
        put(COLOUR, {**PLAIN, "contentEncoding": "base64", "contentMediaType": "image/svg+xml"}), None, "a picture needs",
    ),
    "endless integer": (drop(f"{LENGTH}/maximum"), None, "within 32 bits"),
    "integer beyond GraphQL": (put(f"{LENGTH}/maximum", 2**31), None, "within 32 bits"),
    "endless list": (drop(f"{STRINGS}/maxItems"), None, "`maxItems`"),
    "list of anything": (drop(f"{STRINGS}/items"), None, "`items`"),
    "list of lists": (put(f"{STRINGS}/items", {"type": "array", "items": {"type": "string"}}), None, "`items`"),
    "endless text in a list": (put(f"{STRINGS}/items", {"type": "string"}), None, "strings (elements)"),
    "unknown keyword in a list": (put(f"{STRINGS}/items/title", "线"), None, "`title` is not supported here"),
    "person's code that is not there": (put(f"{FLYERS}/x-per-person", "name"), None, "`x-per-person`"),
    "person's code that may be missing": (put(f"{FLYERS}/items/required", []), None, "`x-per-person`"),
    "per person and atomic": (put(f"{FLYERS}/x-atomic", True), None, "one means all"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_document_that_breaks_one_rule_is_refused(case: str) -> None:
    change, replacement, expected = REFUSED[case]
    document: Any = replacement or sound()
    if change is not None:
        change(document)
    with pytest.raises(LicenceTypeError) as refused:
        parse(document)
    assert refused.value.code == "LICENCE_TYPE_INVALID"
    assert expected in refused.value.message


def test_objects_may_not_nest_without_end() -> None:
    document = sound()
    inner: Document = {**PLAIN}
    for name in ("five", "four", "three", "two", "one"):
        inner = {
            "title": "层", "x-title-en": "Level", "description": "A level.", "type": "object",
            "additionalProperties": False, "properties": {name: inner},
        }  # fmt: skip
    document["schema"]["properties"]["deep"] = inner
    with pytest.raises(LicenceTypeError, match="deeper than 4"):
        parse(document)


def test_only_outer_lists_belong_to_persons() -> None:
    document = sound()
    document["schema"]["properties"]["tail"]["properties"]["flyers"] = document["schema"]["properties"].pop("flyers")
    with pytest.raises(LicenceTypeError, match="outermost"):
        parse(document)


def test_all_broken_rules_are_told_at_once_with_the_type() -> None:
    document = sound()
    for change in (drop(f"{COLOUR}/title"), drop(f"{LENGTH}/maximum")):
        change(document)
    with pytest.raises(LicenceTypeError, match=r"KiteLicence: tail\.colour.*; tail\.length"):
        parse(document)


# --- a new version ----------------------------------------------------------------------------------------------------


def next_version(*changes: Callable[[Document], None]) -> LicenceType:
    document = copy.deepcopy(sound())
    document["version"] = 2
    for change in changes:
        change(document)
    return parse(document)


def test_fields_may_come_and_go() -> None:
    assert compatible(parse(sound()), next_version(drop(STRINGS), put(f"{PROPERTIES}/wings", PLAIN))) == ()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("key", "BalloonLicence"), "key changes"),
        (put("version", 1), "version must be above 1"),
        (put(LENGTH, PLAIN), "tail.length: changes from INTEGER to STRING"),
        (put(STRINGS, PLAIN), "strings: changes from LIST to STRING"),
        (put(f"{STRINGS}/items", {"type": "integer", "minimum": 0, "maximum": 9}), "strings: changes"),
        (put(f"{COLOUR}/format", "date"), "tail.colour: changes from STRING to DATE"),
    ],
)
def test_what_readers_rely_on_never_changes(change: Callable[[Document], None], expected: str) -> None:
    (reason,) = compatible(parse(sound()), next_version(change))
    assert expected in reason.text


def test_a_type_code_may_be_set_once() -> None:
    def with_code(document: Document) -> None:
        document["definer"]["creditCode"], document["typeCode"] = "11100000MB0143028R", "11100000MB0143028R901"

    assert compatible(parse(sound()), next_version(with_code)) == ()
    (reason,) = compatible(next_version(with_code), next_version(put("version", 3)))
    assert "type code" in reason.text
