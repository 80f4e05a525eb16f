"""Face data for the demonstration: walks a type's JSON Schema and fills each field by its name, else by its kind."""

import base64
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from hub.demo.people import STREETS, Organisation, Person

OPTIONAL_SHARE = 0.4
EXPECTED = frozenset({"registeredCapital"})
"""Optional fields that every licence of the city has."""
DAYS_IN_YEAR = 365


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom and what a licence is about. `persons` are its natural persons, first holder first."""

    random: Random
    ordinal: int
    issued_on: date
    persons: tuple[Person, ...]
    organisation: Organisation | None = None

    @property
    def name(self) -> str:
        """Return the holder's name."""
        return self.organisation.name if self.organisation else self.persons[0].name

    @property
    def place(self) -> str:
        """Return the holder's address."""
        return self.organisation.address if self.organisation else self.persons[0].address

    def owners(self) -> list[dict[str, str]]:
        """Return whose real estate it is: the organisation's, else the persons'."""
        if self.organisation:
            one = self.organisation
            return [{"name": one.name, "idType": "营业执照", "idNumber": one.code}]
        return [{"name": each.name, "idType": "居民身份证", "idNumber": each.number} for each in self.persons]

    def pick(self, *choices: str) -> str:
        """Return one of the choices."""
        return self.random.choice(choices)

    def digits(self, count: int) -> str:
        """Return random digits."""
        return "".join(self.random.choices("0123456789", k=count))

    def past(self, years: int = 10) -> date:
        """Return a day before the licence was issued."""
        return self.issued_on - timedelta(days=self.random.randint(1, years * DAYS_IN_YEAR))

    def somebody(self) -> str:
        """Return an invented name that is nobody's here."""
        return self.pick("甲", "乙", "丙", "丁") + self.pick("一", "二", "三", "四", "五")


def silhouette(width: int = 24, height: int = 32) -> str:
    """Return a grey head and shoulders as a small PNG, base64: the photograph of nobody."""
    head, shoulders = (12, 11, 36), (12, 32, 120)  # centre and squared radius of two discs

    def dark(x: int, y: int) -> bool:
        return any((x - across) ** 2 + (y - down) ** 2 < reach for across, down, reach in (head, shoulders))

    rows = [b"\0" + bytes(0x60 if dark(x, y) else 0xE8 for x in range(width)) for y in range(height)]

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + chunk(b"IEND", b"")
    )
    return base64.b64encode(png).decode()


PHOTO = silhouette()
Maker = Callable[[Subject], Any]


def vin(subject: Subject) -> str:
    """Return a 17-character vehicle number, unlike any other of the demonstration."""
    return f"LDEM{subject.digits(5)}{subject.ordinal:08d}"


def spouse(person: Person) -> dict[str, Any]:
    """Return one party of a marriage or divorce certificate."""
    return {
        "name": person.name,
        "sex": person.sex,
        "nationality": "中国",
        "birthDate": person.born.isoformat(),
        "idNumber": person.number,
    }


def parent(person: Person, year: int) -> dict[str, Any]:
    """Return a parent on a birth certificate of a year."""
    return {
        "name": person.name, "nationality": "中国", "ethnicity": "汉族", "age": max(16, year - person.born.year),
        "idType": "居民身份证", "idNumber": person.number,
    }  # fmt: skip


def member(person: Person, *, place: int) -> dict[str, Any]:
    """Return one member of a household register."""
    return {
        "name": person.name, "relationToHead": ("户主", "妻", "子女", "子女")[min(place, 3)], "sex": person.sex, "ethnicity": "汉族",
        "birthDate": person.born.isoformat(), "birthPlace": "星河市", "nativePlace": "星河市", "religion": "无",
        "citizenNumber": person.number, "registeredOn": person.born.isoformat(), "isHead": place == 0,
    }  # fmt: skip


def tax_line(subject: Subject) -> dict[str, Any]:
    """Return one line of a tax payment certificate."""
    start = subject.past(1).replace(day=1)
    return {
        "voucherNumber": subject.digits(18), "taxType": subject.pick("增值税", "个人所得税", "契税"), "itemName": "一般项目",
        "taxPeriod": {"start": start.isoformat(), "end": (start + timedelta(days=27)).isoformat()},
        "storedOn": subject.issued_on.isoformat(), "amount": f"{subject.random.randint(100, 99999)}.00",
    }  # fmt: skip


def representative(subject: Subject) -> str:
    """Return the legal representative's name."""
    return subject.organisation.representative.name if subject.organisation else subject.name


def site(subject: Subject) -> str:
    """Return the address of a business place of the holder."""
    return f"{subject.place}{subject.random.randint(1, 9)}层"


BY_NAME: Mapping[str, Maker] = {
    "name": lambda s: s.name,
    "address": lambda s: s.place,
    "domicile": lambda s: s.place,
    "businessPremises": site,
    "businessAddress": site,
    "productionAddress": site,
    "location": site,
    "legalRepresentative": representative,
    "principal": representative,
    "responsiblePerson": representative,
    "qualityManager": lambda s: s.somebody(),
    "leader": lambda s: s.somebody(),
    "registrar": lambda s: s.somebody(),
    "bearerName": lambda s: s.name,
    "headName": lambda s: s.name,
    "childName": lambda s: s.persons[0].name,
    "sex": lambda s: s.persons[0].sex,
    "birthDate": lambda s: s.persons[0].born.isoformat(),
    "bornAt": lambda s: f"{s.persons[0].born.isoformat()}T08:30:00+08:00",
    "ethnicity": lambda _: "汉族",
    "nationality": lambda _: "中国",
    "birthPlace": lambda _: "星河市",
    "birthWeightG": lambda s: s.random.randint(2600, 4100),
    "birthLengthCm": lambda s: f"{s.random.randint(47, 53)}",
    "gestationalWeeks": lambda s: f"{s.random.randint(37, 41)}",
    "deliveryInstitution": lambda _: "星河市妇幼保健院",
    "mother": lambda s: parent(s.persons[1], s.persons[0].born.year),
    "father": lambda s: parent(s.persons[2], s.persons[0].born.year),
    "members": lambda s: [member(person, place=place) for place, person in enumerate(s.persons)],
    "parties": lambda s: [spouse(person) for person in s.persons],
    "owners": lambda s: s.owners(),
    "coOwnership": lambda s: "共同共有" if len(s.persons) > 1 else "单独所有",
    "unitNumber": lambda s: f"990102001001GB00001F{s.ordinal:08d}",
    "rightType": lambda _: "国有建设用地使用权/房屋所有权",
    "rightNature": lambda _: "出让/市场化商品房",
    "use": lambda s: "商务金融用地/商业服务" if s.organisation else "城镇住宅用地/住宅",
    "vin": vin,
    "plateNumber": lambda s: f"星A{s.ordinal:05d}",
    "vehicleType": lambda s: s.pick("小型轿车", "重型厢式货车", "中型普通客车"),
    "useNature": lambda s: s.pick("非营运", "货运"),
    "brandModel": lambda s: s.pick("远山牌YS7180", "星河牌XH5031", "晨曦牌CX6480"),
    "engineNumber": lambda s: f"E{s.digits(7)}",
    "dimensions": lambda _: "4580x1815x1465",
    "fileNumber": lambda s: s.digits(12),
    "vehicleClasses": lambda s: [s.pick("C1", "C2", "B2", "A2")],
    "firstIssuedOn": lambda s: s.past().isoformat(),
    "qualificationNumber": lambda s: f"201999110{s.persons[0].number}",
    "practiceRegion": lambda _: "星河市",
    "mainInstitution": lambda _: "星河市第一人民医院",
    "practiceScope": lambda s: [s.pick("内科专业", "外科专业", "儿科专业", "中医专业")],
    "enterpriseType": lambda _: "有限责任公司（自然人投资或控股）",
    "registeredCapital": lambda s: f"{s.random.randint(1, 90) * 50}万元人民币",
    "registeredFund": lambda s: f"{s.random.randint(1, 9)}.00",
    "initialFund": lambda s: f"{s.random.randint(10, 900)}.00",
    "establishedOn": lambda s: (s.organisation.founded if s.organisation else s.past()).isoformat(),
    "businessFormat": lambda s: s.pick("食品销售经营者", "餐饮服务经营者"),
    "permittedItems": lambda s: [s.pick("热食类食品制售", "预包装食品销售", "宾馆", "美容店")],
    "complaintPhone": lambda _: "12315",
    "foodCategories": lambda s: [s.pick("糕点", "饮料", "粮食加工品")],
    "productDetails": lambda _: [{"category": "糕点", "categoryCode": "2401", "varieties": "热加工糕点"}],
    "unit": lambda s: f"星河市{s.pick('甲', '乙', '丙')}建设工程有限公司",
    "projectName": lambda s: f"星河市{s.pick(*STREETS)}{s.ordinal}号工程",
    "scale": lambda s: f"总建筑面积{s.random.randint(2, 90) * 1000}㎡",
    "contractPriceWan": lambda s: f"{s.random.randint(300, 9000)}.00",
    "contractPeriod": lambda s: {"start": s.issued_on.isoformat(), "end": (s.issued_on + timedelta(days=540)).isoformat(), "days": 540},
    "attachments": lambda _: ["总平面图"],
    "scope": lambda _: "建筑施工",
    "economicType": lambda _: "有限责任公司",
    "diagnosisSubjects": lambda s: [{"name": s.pick("内科", "外科", "口腔科"), "code": "03"}],
    "beds": lambda s: s.random.randint(0, 400),
    "dentalChairs": lambda s: s.random.randint(0, 12),
    "businessScope": lambda s: f"许可项目：{s.organisation.trade if s.organisation else '综合'}服务。一般项目：{s.pick('会议及展览服务', '日用品销售', '信息咨询服务')}。",
    "activityArea": lambda _: "星河市",
    "purposeAndScope": lambda _: "提供公共服务",
    "fundingSource": lambda _: "财政补助",
    "sponsor": lambda _: "星河市人民政府办公室",
    "placeType": lambda s: s.pick("商场", "宾馆", "公共娱乐场所"),
    "area": lambda s: f"{s.random.randint(60, 3000)}",
    "floors": lambda s: f"地上{s.random.randint(1, 6)}层",
    "conclusion": lambda _: "准予投入使用、营业",
    "lines": lambda s: [tax_line(s) for _ in range(s.random.randint(1, 3))],
    "total": lambda s: f"{s.random.randint(1000, 99999)}.00",
    "totalInWords": lambda _: "人民币（按明细合计）元整",
}  # fmt: skip


def fill(schema: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """Return data of an object schema: every required field, and some of the others."""
    required = schema.get("required", ())
    chosen = {
        name: rules
        for name, rules in schema["properties"].items()
        if name in required or (name in BY_NAME and "format" not in rules and _has(name, subject))
    }
    return {name: value(name, rules, subject) for name, rules in chosen.items()}


def _has(name: str, subject: Subject) -> bool:
    """Tell whether a licence has an optional field."""
    return name in EXPECTED or subject.random.random() < OPTIONAL_SHARE


def value(name: str, rules: Mapping[str, Any], subject: Subject) -> Any:
    """Return one field's value: by its name where that fits its kind, else by its kind."""
    made = BY_NAME[name](subject) if name in BY_NAME else None
    if isinstance(made, str) and rules["type"] == "array":
        return [made]
    if made is not None:
        return made
    return BY_KIND[rules["type"]](rules, subject)


def text(rules: Mapping[str, Any], subject: Subject) -> str:
    """Return a string that its schema accepts."""
    if "enum" in rules:
        return str(subject.random.choice(rules["enum"]))
    if "contentMediaType" in rules:
        return PHOTO
    return {"date": subject.past().isoformat(), "decimal": "1.00"}.get(
        rules.get("format", ""), f"示例{subject.digits(4)}"
    )


BY_KIND: Mapping[str, Callable[[Mapping[str, Any], Subject], Any]] = {
    "string": text,
    "integer": lambda _rules, subject: subject.random.randint(1, 99),
    "boolean": lambda _rules, subject: subject.random.random() < OPTIONAL_SHARE,
    "object": fill,
    "array": lambda rules, subject: [value("", rules["items"], subject)],
}
