"""One valid example of face data per licence type: invented people and places in region 99, which does not exist."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

# A transparent picture of one pixel.
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="

COMPANY = {"codeType": "001", "code": "91990200MA0000011N", "name": "虚构市晨光食品有限公司"}
PHARMACY = {"codeType": "001", "code": "91990200MA0000022T", "name": "虚构市安和药房有限公司"}
BUILDER = {"codeType": "001", "code": "91990200MA0000033Y", "name": "虚构市城建开发有限公司"}
CONTRACTOR = {"codeType": "001", "code": "91990200MA00000443", "name": "虚构市第一建筑有限公司"}
CARRIER = {"codeType": "001", "code": "91990200MA00000557", "name": "虚构市远通运输有限公司"}
HOTEL = {"codeType": "001", "code": "91990200MA0000066B", "name": "虚构市云栖宾馆有限公司"}
HOSPITAL = {"codeType": "001", "code": "52990200MJ00000771", "name": "虚构市仁和医院"}
SOCIETY = {"codeType": "001", "code": "51990200MJ00000888", "name": "虚构市茶文化协会"}
LIBRARY = {"codeType": "001", "code": "12990200MB0000099Y", "name": "虚构市图书馆"}
HUSBAND = {"codeType": "111", "code": "99020019850312001X", "name": "林若川"}
WIFE = {"codeType": "111", "code": "990200198708250029", "name": "沈知夏"}
CHILD = {"codeType": "111", "code": "99020020150601003X", "name": "林小满"}
PHYSICIAN = {"codeType": "111", "code": "990200199202190043", "name": "顾清和"}
FORMER_WIFE = {"codeType": "111", "code": "990200199011300051", "name": "苏映雪"}
ELDER = {"codeType": "111", "code": "990200196007070069", "name": "周望山"}
NEWBORN = {"codeType": "999", "code": WIFE["code"], "name": "林小禾"}

STREET = "虚构省虚构市东城区长安里"


@dataclass(frozen=True)
class Example:
    """What an authority would send to issue one licence; `holders` as {codeType, code, name}."""

    number: str
    holders: tuple[dict[str, str], ...]
    valid_from: date | None = None
    valid_until: date | None = None
    data: dict[str, Any] = field(default_factory=dict)


def _member(person: dict[str, str], relation: str, sex: str, born: str, **more: Any) -> dict[str, Any]:
    return {
        "name": person["name"],
        "relationToHead": relation,
        "sex": sex,
        "ethnicity": "汉",
        "birthDate": born,
        "birthPlace": "虚构省虚构市",
        "nativePlace": "虚构省虚构市",
        "citizenNumber": person["code"],
        "registeredOn": "2016-03-01",
        "isHead": relation == "户主",
        **more,
    }


def _party(person: dict[str, str], sex: str, born: str) -> dict[str, Any]:
    return {"name": person["name"], "sex": sex, "nationality": "中国", "birthDate": born, "idNumber": person["code"]}


def _parent(person: dict[str, str], age: int) -> dict[str, Any]:
    return {
        "name": person["name"],
        "nationality": "中国",
        "ethnicity": "汉",
        "age": age,
        "address": f"{STREET}8号",
        "idType": "居民身份证",
        "idNumber": person["code"],
    }


_ORGANISATIONS = {
    "BusinessLicence": Example(
        COMPANY["code"],
        (COMPANY,),
        valid_from=date(2021, 4, 6),
        data={
            "name": COMPANY["name"],
            "enterpriseType": "有限责任公司（自然人投资或控股）",
            "legalRepresentative": HUSBAND["name"],
            "roleLabel": "法定代表人",
            "registeredCapital": "500万元人民币",
            "establishedOn": "2021-04-06",
            "termFrom": "2021-04-06",
            "termTo": "长期",
            "address": f"{STREET}18号",
            "addressLabel": "住所",
            "businessScope": "许可项目：食品生产；食品销售。一般项目：农产品批发；\n食品进出口。",
            "sheetNumber": "00000012345678",
        },
    ),
    "FoodBusinessLicence": Example(
        "JY29902000000012",
        (COMPANY,),
        date(2024, 5, 20),
        date(2029, 5, 19),
        {
            "legalRepresentative": HUSBAND["name"],
            "domicile": f"{STREET}18号",
            "businessPremises": f"{STREET}20号一层",
            "businessFormat": "餐饮服务经营者",
            "permittedItems": ["热食类食品制售", "冷食类食品制售"],
            "complaintPhone": "12315",
        },
    ),
    "FoodProductionLicence": Example(
        "SC12499020000017",
        (COMPANY,),
        date(2023, 9, 1),
        date(2028, 8, 31),
        {
            "legalRepresentative": HUSBAND["name"],
            "domicile": f"{STREET}18号",
            "productionAddress": "虚构省虚构市高新区工业一路3号",
            "foodCategories": ["糕点", "饮料"],
            "productDetails": [
                {"category": "糕点", "categoryCode": "2401", "varieties": "热加工糕点：烘烤类糕点"},
                {"category": "饮料", "categoryCode": "0601", "varieties": "包装饮用水"},
            ],
        },
    ),
    "DrugBusinessLicence": Example(
        "虚DB9900012",
        (PHARMACY,),
        date(2024, 2, 1),
        date(2029, 1, 31),
        {
            "businessAddress": f"{STREET}31号",
            "legalRepresentative": ELDER["name"],
            "principal": WIFE["name"],
            "qualityManager": PHYSICIAN["name"],
            "businessMode": "零售",
            "businessScope": ["中成药", "化学药"],
        },
    ),
    "MedicalInstitutionLicence": Example(
        "99020012345678901A1001",
        (HOSPITAL,),
        date(2022, 7, 1),
        date(2037, 6, 30),
        {
            "address": f"{STREET}100号",
            "legalRepresentative": ELDER["name"],
            "principal": ELDER["name"],
            "diagnosisSubjects": [{"name": "内科", "code": "03"}, {"name": "外科"}],
            "institutionCategory": "综合医院",
            "ownership": "民办",
            "profitNature": "非营利性",
            "serviceObject": "社会",
            "beds": 120,
            "dentalChairs": 0,
            "registeredCapital": "3000",
            "verifications": [{"date": "2025-07-01", "result": "合格", "next": "2028-06-30"}],
        },
    ),
    "ConstructionPlanningPermit": Example(
        "建字第990200202600012号",
        (BUILDER,),
        date(2026, 1, 15),
        data={
            "builderType": "企业",
            "projectName": "云栖花园一期1号楼",
            "location": "虚构省虚构市西湖路东侧",
            "scale": "总建筑面积12000㎡",
            "attachments": ["总平面图", "建筑施工图"],
            "projectCode": "2601-990200-04-01-000012",
        },
    ),
    "ConstructionPermit": Example(
        "990200202603150101",
        (BUILDER,),
        date(2026, 3, 15),
        data={
            "projectName": "云栖花园一期1号楼",
            "address": "虚构省虚构市西湖路东侧",
            "scale": "12000㎡",
            "contractPeriod": {"start": "2026-04-01", "end": "2027-12-31", "days": 640},
            "contractPriceWan": "4860.5",
            "surveyor": {"unit": "虚构市勘察院", "leader": "韩一舟"},
            "designer": {"unit": "虚构市设计院", "leader": "许南乔"},
            "contractor": {"unit": CONTRACTOR["name"], "leader": "陆长风"},
            "supervisor": {"unit": "虚构市监理公司", "leader": "叶听澜"},
        },
    ),
    "SafetyProductionLicence": Example(
        "(虚)JZ安许证字[2025]000012",
        (CONTRACTOR,),
        date(2025, 6, 1),
        date(2028, 5, 31),
        {
            "principal": "陆长风",
            "address": f"{STREET}66号",
            "economicType": "有限责任公司",
            "scope": "建筑施工",
            "firstIssuedOn": "2019-06-01",
        },
    ),
    "PublicPlaceHygieneLicence": Example(
        "虚卫公证字(2025)第00012号",
        (HOTEL,),
        date(2025, 3, 1),
        date(2029, 2, 28),
        {
            "legalRepresentative": WIFE["name"],
            "address": f"{STREET}77号",
            "permittedItems": ["宾馆", "游泳场"],
            "reviews": [{"date": "2026-03-01", "result": "合格"}],
        },
    ),
    "SocialOrganisationCertificate": Example(
        SOCIETY["code"],
        (SOCIETY,),
        date(2023, 1, 1),
        date(2027, 12, 31),
        {
            "businessScope": "茶文化研究、交流与推广",
            "domicile": f"{STREET}9号",
            "legalRepresentative": ELDER["name"],
            "activityArea": "虚构市",
            "registeredFund": "10.00",
            "annualInspections": [{"year": "2024", "result": "合格"}],
        },
    ),
    "PublicInstitutionCertificate": Example(
        LIBRARY["code"],
        (LIBRARY,),
        date(2024, 4, 1),
        date(2029, 3, 31),
        {
            "purposeAndScope": "保存和借阅图书资料，开展阅读推广。",
            "domicile": f"{STREET}1号",
            "legalRepresentative": PHYSICIAN["name"],
            "fundingSource": "财政补助",
            "initialFund": "1200",
            "sponsor": "虚构市文化和旅游局",
        },
    ),
    "FireSafetyInspectionOpinion": Example(
        "虚消安检字〔2026〕第0012号",
        (HOTEL,),
        date(2026, 2, 10),
        data={
            "address": f"{STREET}77号",
            "responsiblePerson": WIFE["name"],
            "placeType": "宾馆",
            "area": "2350.75",
            "floors": "地上1-6层",
            "procedure": "告知承诺",
            "conclusion": "准予投入使用、营业",
        },
    ),
}

_PERSONS = {
    "PhysicianPracticeCertificate": Example(
        "110990200000012",
        (PHYSICIAN,),
        date(2018, 8, 1),
        data={
            "name": PHYSICIAN["name"],
            "sex": "女",
            "birthDate": "1992-02-19",
            "qualificationNumber": f"201799110{PHYSICIAN['code']}",
            "practiceCategory": "临床",
            "physicianLevel": "执业医师",
            "practiceScope": ["内科专业"],
            "practiceRegion": "虚构省",
            "mainInstitution": HOSPITAL["name"],
            "photo": PICTURE,
        },
    ),
    "ResidentIdentityCard": Example(
        HUSBAND["code"],
        (HUSBAND,),
        date(2015, 3, 20),
        date(2035, 3, 20),
        {
            "sex": "男",
            "ethnicity": "汉",
            "birthDate": "1985-03-12",
            "address": f"{STREET}8号",
            "photo": PICTURE,
        },
    ),
    "HouseholdRegister": Example(
        "990200012",
        (HUSBAND, WIFE, CHILD),
        date(2016, 3, 1),
        data={
            "householdType": "家庭户",
            "headName": HUSBAND["name"],
            "address": f"{STREET}8号",
            "members": [
                _member(HUSBAND, "户主", "男", "1985-03-12", religion="无", height=176, education="大学本科"),
                _member(WIFE, "妻", "女", "1987-08-25", formerName="沈小夏", bloodType="O"),
                _member(CHILD, "子", "男", "2015-06-01", corrections=[{"date": "2020-01-02", "content": "更正出生地"}]),
            ],
        },
    ),
    "MarriageCertificate": Example(
        "J990200-2012-000123",
        (HUSBAND, WIFE),
        date(2012, 5, 20),
        data={
            "parties": [_party(HUSBAND, "男", "1985-03-12"), _party(WIFE, "女", "1987-08-25")],
            "jointPhoto": PICTURE,
            "registrar": "何青禾",
        },
    ),
    "DivorceCertificate": Example(
        "L990200-2010-000045",
        (HUSBAND, FORMER_WIFE),
        date(2010, 9, 1),
        data={
            "bearerName": HUSBAND["name"],
            "parties": [_party(HUSBAND, "男", "1985-03-12"), _party(FORMER_WIFE, "女", "1990-11-30")],
            "photo": PICTURE,
            "registrar": "何青禾",
        },
    ),
    "BirthMedicalCertificate": Example(
        "Z990000012",
        (NEWBORN,),
        date(2026, 3, 4),
        data={
            "childName": NEWBORN["name"],
            "sex": "女",
            "bornAt": "2026-03-02T08:15:00+08:00",
            "gestationalWeeks": "39",
            "birthWeightG": 3250,
            "birthLengthCm": "50.5",
            "birthPlace": "虚构省虚构市东城区",
            "deliveryInstitution": HOSPITAL["name"],
            "mother": _parent(WIFE, 38),
            "father": _parent(HUSBAND, 40),
        },
    ),
    "DisabilityCertificate": Example(
        f"{ELDER['code']}43",
        (ELDER,),
        date(2020, 10, 1),
        date(2030, 9, 30),
        {
            "name": ELDER["name"],
            "sex": "男",
            "address": f"{STREET}12号",
            "disabilityCategory": "肢体",
            "disabilityGrade": "三级",
            "guardian": {"name": PHYSICIAN["name"], "phone": "0990-0000000", "relation": "子女"},
            "photo": PICTURE,
        },
    ),
    "DriverLicence": Example(
        HUSBAND["code"],
        (HUSBAND,),
        date(2020, 6, 10),
        date(2030, 6, 10),
        {
            "name": HUSBAND["name"],
            "sex": "男",
            "nationality": "中国",
            "address": f"{STREET}8号",
            "birthDate": "1985-03-12",
            "firstIssuedOn": "2014-06-10",
            "vehicleClasses": ["C1", "D"],
            "photo": PICTURE,
            "fileNumber": "990200001234",
            "licenceState": "正常",
            "points": 0,
        },
    ),
    "VehicleLicence": Example(
        "9900000000012",
        (WIFE,),
        date(2022, 11, 1),
        data={
            "plateNumber": "虚A·00012",
            "vehicleType": "小型轿车",
            "address": f"{STREET}8号",
            "useNature": "非营运",
            "brandModel": "晨星牌CX7000",
            "vin": "LXX00000000000012",
            "engineNumber": "CX00000012",
            "registeredOn": "2022-11-01",
            "fileNumber": "990200005678",
            "seats": "5人",
            "dimensions": "4945x1845x1480mm",
        },
    ),
    "RoadTransportPermit": Example(
        "虚交运管许可(虚构)字990200000012号",
        (CARRIER,),
        date(2024, 8, 1),
        date(2028, 7, 31),
        {
            "address": f"{STREET}55号",
            "businessScope": ["道路普通货物运输"],
            "changes": [{"date": "2025-01-08", "content": "变更地址"}],
        },
    ),
    "RealEstateTitle": Example(
        "虚(2024)虚构市不动产权第0000012号",
        (HUSBAND, WIFE),
        date(2024, 6, 18),
        data={
            "owners": [
                {"name": HUSBAND["name"], "idType": "居民身份证", "idNumber": HUSBAND["code"]},
                {"name": WIFE["name"], "idType": "居民身份证", "idNumber": WIFE["code"]},
            ],
            "coOwnership": "共同共有",
            "location": f"{STREET}8号2单元601室",
            "unitNumber": "990200001001GB00012F00010601",
            "rightType": "国有建设用地使用权/房屋所有权",
            "rightNature": "出让/市场化商品房",
            "use": "城镇住宅用地/住宅",
            "area": "宗地面积1200.00㎡/房屋建筑面积108.50㎡",
            "useTerm": "2010-01-01起2080-01-01止",
        },
    ),
    "TaxPaymentCertificate": Example(
        "(261)虚完证00000012",
        (WIFE,),
        data={
            "lines": [
                {
                    "voucherNumber": "3990200260000012",
                    "taxType": "契税",
                    "itemName": "存量房",
                    "taxPeriod": {"start": "2026-05-01", "end": "2026-05-31"},
                    "storedOn": "2026-05-20",
                    "amount": "12600.00",
                },
                {
                    "voucherNumber": "3990200260000013",
                    "taxType": "契税",
                    "itemName": "存量房",
                    "taxPeriod": {"start": "2026-05-01", "end": "2026-05-31"},
                    "storedOn": "2026-06-02",
                    "amount": "-600.00",
                },
            ],
            "totalInWords": "壹万贰仟元整",
            "total": "12000.00",
            "formType": "表格式",
        },
    ),
}

EXAMPLES: dict[str, Example] = {**_ORGANISATIONS, **_PERSONS}
