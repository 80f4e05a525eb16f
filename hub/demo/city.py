"""星河市 (Xinghe), a city that does not exist: thirty authorities, what each issues, under which suite, and its items."""

from dataclasses import dataclass

from hub.demo.codes import credit_code

CITY = "990100"
DISTRICTS = {
    "990102": ("望江区", "Wangjiang District"),
    "990103": ("星湖区", "Xinghu District"),
    "990104": ("青山区", "Qingshan District"),
}
LEVEL_DIGIT = {"CITY": "3", "COUNTY": "4"}


@dataclass(frozen=True, slots=True)
class DemoAuthority:
    """An invented authority; `issues` are licence type keys, `suite` is that of its seal."""

    key: str
    code: str
    name_zh: str
    name_en: str
    division: str
    level: str
    parent: str | None
    issues: tuple[str, ...] = ()
    suite: str = "ES256"


@dataclass(frozen=True, slots=True)
class DemoItem:
    """An invented service item: a fictional base code (main items 999xx), handled by an authority.

    `document` is the key of the shipped document that it is published under, or the name of a file of the demonstration.
    """

    key: str
    base: str
    name_zh: str
    name_en: str
    authority: str
    document: str | None = None


# key, Chinese, English, types, suite: bodies of the city
CITY_BODIES: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("government", "星河市人民政府办公室", "Xinghe Government Office", (), "ES256"),
    ("market", "星河市市场监督管理局", "Xinghe Market Regulation Bureau", ("BusinessLicence", "FoodProductionLicence"), "ES256"),
    ("police", "星河市公安局", "Xinghe Public Security Bureau", ("ResidentIdentityCard", "HouseholdRegister"), "SM2-SM3"),
    ("traffic", "星河市公安局交通警察支队", "Xinghe Traffic Police", ("DriverLicence", "VehicleLicence"), "SM2-SM3"),
    ("civil", "星河市民政局", "Xinghe Civil Affairs Bureau", ("MarriageCertificate", "DivorceCertificate", "SocialOrganisationCertificate"), "ES256"),
    ("health", "星河市卫生健康委员会", "Xinghe Health Commission", ("MedicalInstitutionLicence", "PhysicianPracticeCertificate", "BirthMedicalCertificate"), "ES256"),
    ("disease", "星河市疾病预防控制局", "Xinghe Disease Control Bureau", ("PublicPlaceHygieneLicence",), "ES256"),
    ("drug", "星河市药品监督管理局", "Xinghe Drug Administration", ("DrugBusinessLicence",), "SM2-SM3"),
    ("land", "星河市自然资源和规划局", "Xinghe Natural Resources Bureau", ("RealEstateTitle", "ConstructionPlanningPermit"), "SM2-SM3"),
    ("housing", "星河市住房和城乡建设局", "Xinghe Housing Bureau", ("ConstructionPermit",), "ES256"),
    ("transport", "星河市交通运输局", "Xinghe Transport Bureau", ("RoadTransportPermit",), "ES256"),
    ("emergency", "星河市应急管理局", "Xinghe Emergency Management Bureau", ("SafetyProductionLicence",), "ES256"),
    ("fire", "星河市消防救援支队", "Xinghe Fire and Rescue", ("FireSafetyInspectionOpinion",), "SM2-SM3"),
    ("tax", "星河市税务局", "Xinghe Tax Bureau", ("TaxPaymentCertificate",), "ES256"),
    ("staffing", "星河市事业单位登记管理局", "Xinghe Public Institution Registry", ("PublicInstitutionCertificate",), "ES256"),
    ("disabled", "星河市残疾人联合会", "Xinghe Disabled Persons' Federation", ("DisabilityCertificate",), "ES256"),
    ("social", "星河市人力资源和社会保障局", "Xinghe Human Resources Bureau", (), "ES256"),
    ("medical", "星河市医疗保障局", "Xinghe Medical Security Bureau", (), "ES256"),
)  # fmt: skip
DISTRICT_BODIES: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    ("market", "市场监督管理局", "Market Regulation Bureau", ("FoodBusinessLicence",), "ES256"),
    ("approval", "行政审批服务局", "Administrative Approval Bureau", (), "ES256"),
    ("civil", "民政局", "Civil Affairs Bureau", (), "ES256"),
    ("transport", "交通运输局", "Transport Bureau", (), "SM2-SM3"),
)

ITEMS = (
    DemoItem("food", "000199901000", "食品经营许可（新办，餐饮）", "Food operation licence, new, catering", "market-990104", "FoodOperationLicence"),
    DemoItem("supermarket", "001099902000", "开办超市一件事", "Open a supermarket, as one thing", "market-990104", "OpenSupermarket"),
    DemoItem("restaurant", "001099990000", "开办餐饮店一件事", "Open a restaurant, as one thing", "market-990104", "open-restaurant.json"),
    DemoItem("device", "001099903000", "第二类医疗器械经营备案", "Class II medical-device operation filing", "drug", "MedicalDeviceFiling"),
    DemoItem("hygiene", "000199904000", "公共场所卫生许可（新办）", "Public-place hygiene licence, new", "disease", "PublicPlaceHygieneLicence"),
    DemoItem("hygiene-change", "000199904002", "公共场所卫生许可（变更）", "Public-place hygiene licence, change", "disease"),
    DemoItem("road", "000199905000", "道路货物运输经营许可", "Road freight operation licence", "transport", "RoadFreightLicence"),
    DemoItem("driver", "000199906001", "机动车驾驶证期满换证", "Driving licence renewal", "traffic", "DrivingLicenceRenewal"),
    DemoItem("second-home", "000799907000", "二手房转移登记一件事", "Second-hand home transfer, as one thing", "land", "SecondHandHomeTransfer"),
    DemoItem("home", "000799908000", "商品房转移登记", "New commodity home, transfer", "land", "NewHomeTransfer"),
    DemoItem("newborn", "001099909000", "新生儿出生一件事", "Newborn, as one thing", "health", "Newborn"),
    DemoItem("marriage", "000799910000", "结婚登记", "Marriage registration", "civil", "MarriageRegistration"),
    DemoItem("company", "000199911000", "企业（公司）设立登记", "Company set-up registration", "market", "CompanySetUp"),
    DemoItem("annual", "001099917000", "企业信息变更备案", "Filing of changed company facts", "market"),
    DemoItem("construction", "000199912000", "建筑工程施工许可", "Construction permit", "housing", "ConstructionPermit"),
    DemoItem("fire", "000199913000", "公众聚集场所投入使用、营业前消防安全检查", "Fire-safety check before opening", "fire", "PreOpeningFireCheck"),
    DemoItem("allowance", "000599914000", "残疾人两项补贴", "Two disability allowances", "civil", "DisabilityAllowances"),
    DemoItem("physician", "000199915000", "医师执业注册", "Physician practice registration", "health", "PhysicianRegistration"),
    DemoItem("retirement", "000799916000", "城镇职工退休", "Employee retirement", "social"),
)  # fmt: skip


def make_authorities() -> list[DemoAuthority]:
    """Return the thirty authorities, parents first."""
    root = credit_code("11", CITY, "00990000")
    bodies = [
        DemoAuthority(
            key, credit_code("11", CITY, f"0099{n:04d}"), zh, en, CITY, "CITY", root if n else None, types, suite
        )
        for n, (key, zh, en, types, suite) in enumerate(CITY_BODIES)
    ]
    for division, (zh_district, en_district) in DISTRICTS.items():
        for n, (key, zh, en, types, suite) in enumerate(DISTRICT_BODIES):
            code = credit_code("11", division, f"0099{n:04d}")
            name = (f"星河市{zh_district}{zh}", f"{en_district} {en}")
            bodies.append(DemoAuthority(f"{key}-{division}", code, *name, division, "COUNTY", root, types, suite))
    return bodies


def item_code(item: DemoItem, authority: DemoAuthority) -> str:
    """Return an implementation code: the body's credit code, a level digit and the fictional base code."""
    return f"{authority.code}{LEVEL_DIGIT[authority.level]}{item.base}"
