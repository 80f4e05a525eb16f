"""A thousand persons in families and three hundred organisations, invented from a seed: the same on every machine."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hub.demo.codes import citizen_number, credit_code

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马方俞任袁柳唐薛雷贺倪汤罗毕安常于傅齐康余顾孟黄萧尹姚邵汪毛戴宋庞熊纪舒屈项祝董梁杜蓝季贾江郭梅林钟徐邱骆高夏蔡田樊胡万柯卢莫房解应宗丁邓洪石崔龚程陆翁段侯全秋仲伊宫甘武刘龙叶黎白乔谭劳姬申冉桑边尚温庄晏柴阎连习鱼容向古易廖终居步都耿满匡文广曾沙游权关红佟墨"
GIVEN = "安邦宝彬波博才昌超辰成诚川达丹德东恩方飞芳芬峰福刚国海涵翰航浩和恒弘宏华欢慧嘉健江杰洁锦静军俊凯康兰乐蕾莉力立丽林琳玲凌龙璐曼梅美萌敏明宁培鹏平琪强琴清庆秋荣蓉瑞若森珊诗思松涛甜婷彤万薇伟文武希熙夏祥晓欣新星雄旭轩雪雅妍彦阳瑶叶依艺毅颖永勇宇雨玉媛源远月悦云芸泽振正志智中子紫"
STREETS = ("银杏路", "海棠街", "望江大道", "书院巷", "星湖路", "白鹭街", "青石巷", "文昌路", "长虹大道", "梧桐街")
TRADES = ("餐饮", "食品", "超市", "医药", "运输", "建筑", "酒店", "科技", "印刷", "园林", "化工", "机械")
FANCY = (
    "云帆",
    "青禾",
    "晨曦",
    "瑞丰",
    "远山",
    "新域",
    "百川",
    "长乐",
    "嘉木",
    "明湖",
    "启元",
    "金穗",
    "恒信",
    "和顺",
    "凌峰",
)
DISTRICTS = {"990102": "望江区", "990103": "星湖区", "990104": "青山区"}
TODAY_YEAR = 2026
NON_ENTERPRISES = 20  # associations, and as many public institutions, at the end of the list


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person; `number` is a citizen number with a right check character."""

    name: str
    number: str
    sex: str
    born: date
    address: str
    family: int


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented organisation; `code` is a credit code with right check characters."""

    name: str
    code: str
    trade: str
    address: str
    representative: Person
    founded: date


def address(random: Random) -> tuple[str, str]:
    """Return a division code and an address in it."""
    division, district = random.choice(list(DISTRICTS.items()))
    return division, f"星河市{district}{random.choice(STREETS)}{random.randint(1, 299)}号"


def make_persons(random: Random, count: int) -> list[Person]:
    """Return persons in families of up to four: two parents of working age and their children."""
    persons: list[Person] = []
    family = 0
    while len(persons) < count:
        division, home = address(random)
        surname = random.choice(SURNAMES)
        size = min(random.choice((2, 3, 3, 4)), count - len(persons))
        for place in range(size):
            years = random.randint(28, 55) if place < 2 else random.randint(0, 17)  # noqa: PLR2004 - two parents
            born = date(TODAY_YEAR - years, 1, 1) + timedelta(days=random.randint(0, 300))
            male = place % 2 == 0
            name = (surname if place != 1 else random.choice(SURNAMES)) + "".join(random.sample(GIVEN, 2))
            sequence = (len(persons) * 2 + male) % 1000
            number = citizen_number(division, f"{born:%Y%m%d}", sequence)
            persons.append(Person(name, number, "男" if male else "女", born, home, family))
        family += 1
    return persons


def kind_of(ordinal: int, count: int) -> tuple[str, str]:
    """Return the first two characters of the credit code and the ending of the name."""
    if ordinal < count - 2 * NON_ENTERPRISES:
        return "91", "有限公司"
    return ("51", "行业协会") if ordinal < count - NON_ENTERPRISES else ("12", "服务中心")


def make_organisations(random: Random, count: int, persons: list[Person]) -> list[Organisation]:
    """Return organisations, each with an adult as its legal representative: enterprises, then associations and institutions."""
    adults = [person for person in persons if person.born.year <= TODAY_YEAR - 25]
    organisations = []
    for ordinal in range(count):
        kind, ending = kind_of(ordinal, count)
        trade = TRADES[ordinal % len(TRADES)]
        division, place = address(random)
        code = credit_code(kind, division, f"MA9Y{ordinal:04d}")
        name = f"星河市{random.choice(FANCY)}{random.choice(FANCY)}{trade}{ending}"
        founded = date(random.randint(2005, 2019), random.randint(1, 12), random.randint(1, 28))
        organisations.append(Organisation(name, code, trade, place, random.choice(adults), founded))
    return organisations
