"""What can be wrong with a file, a row or a cell: a stable reason, told in Chinese and English.

Decides the words. They must never repeat what stood in the file: the value travels beside them, hidden from repr, for the
encrypted file of rejects alone. A reason's text may name a rule's own limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: reason, column of the file (None: no single one), face path (`holders[0].code`, "": the row).

    `value` is what stood there, as read; it is personal data and belongs into sealed storage only.
    """

    reason: str
    column: str | None
    path: str
    field_zh: str
    field_en: str
    zh: str
    en: str
    value: object = field(default=None, repr=False)


# Reasons of rows that cannot be read, of cells that cannot, and of values that do not fit. REQUIRED and RULE come of the
# licence type; RULE carries the type's own words.
REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        # a row
        "ENCODING": ("不是有效的 {limit} 文本", "is not valid {limit} text"),
        "NUL": ("含有空字符（NUL），可能是损坏的文件", "holds NUL characters; the file may be damaged"),
        "TOO_LONG": ("长度超过 {limit} 字节", "is longer than {limit} bytes"),
        "CELL_COUNT": ("单元格数与表头不符，应为 {limit}", "has another number of cells than the header, which has {limit}"),
        "QUOTES": ("引号使用有误：引号后只能是分隔符", "has a quotation mark in the wrong place"),
        "OPEN_QUOTE": (
            "引号没有闭合（或一行超过 {limit} 字节），其后的内容没有读取",
            "opens a quotation mark that is not closed (or is longer than {limit} bytes); nothing after it was read",
        ),
        "JSON": ("不是一个完整的 JSON 对象", "is not one whole JSON object"),
        "JSON_DEPTH": ("嵌套超过 {limit} 层", "is nested deeper than {limit} levels"),
        "ENDS_EARLY": ("文件在此中断，其后的内容没有读取", "the file ends or breaks off here; nothing after it was read"),
        # a cell
        "MERGED": ("是合并单元格，请取消合并并在每行填写", "is a merged cell; unmerge it and fill every row"),
        "FORMULA": ("是没有计算结果的公式，请粘贴为数值", "is a formula without a kept result; paste its value"),
        "CELL_ERROR": ("是出错的单元格（如 #N/A）", "is a cell in error, such as #N/A"),
        "CELL_KIND": ("的类型不能作为证照数据", "is of a kind that no field holds"),
        "DIGITS_LOST": (
            "是超过 15 位的数字单元格，末位已丢失，请设为文本格式后重新填写",
            "is a number above 15 digits, whose last digits are lost; format the column as text and fill it in again",
        ),
        "UNMAPPED": ("没有对应的字段，请在映射中指明或置为 null", "fills no field; map it, or give it to null in the map"),
        # a value
        "REQUIRED": ("必填，不能缺少", "is required and missing"),
        "TEXT": ("须为文本", "must be text"),
        "CODE_NUMBER": (
            "是数字单元格，可能丢失前导零，请设为文本格式，或在映射中指明位数（digits）",
            "is a number cell, which may have lost zeros; format it as text, or give its `digits` in the map",
        ),
        "DATE": ("须为日期，如 2026-11-22", "must be a date such as 2026-11-22"),
        "DATE_YEAR": ("年份须为四位数字", "needs a year of four digits"),
        "DATE_AMBIGUOUS": (
            "日和月的次序不明，请在映射中指明（dates: DMY 或 MDY）",
            "does not say which is the day and which the month; name the style in the map (dates: DMY or MDY)",
        ),
        "DATE_IMPOSSIBLE": ("不是真实存在的日期", "is a day that never existed"),
        "TIME": ("须为带日期的时间，如 2026-11-22T08:30:00+08:00", "must be a time such as 2026-11-22T08:30:00+08:00"),
        "INTEGER": ("须为整数", "must be an integer"),
        "DECIMAL": ("须为十进制数，如 12.50", "must be a decimal number such as 12.50"),
        "BOOLEAN": ("须为“是”或“否”", "must be yes or no (true or false, 1 or 0)"),
        "PICTURE": ("须为图片的 Base64 文本", "must be a picture in base64"),
        "OBJECT": ("须为对象，或用多列填写", "must be an object; or fill it from several columns"),
        "LIST": ("须为列表，或用多列填写", "must be a list; or fill it from several columns"),
        "SEPARATOR": (
            "含有顿号或逗号而分隔方式不明，请在映射中指明分隔符（separator）",
            "holds commas but no known separator; name the `separator` in the map",
        ),
        "CODE_TYPE": (
            "不是持证主体代码类型，如 001 或“统一社会信用代码”",
            "is no holder code type such as 001 or Unified social credit code",
        ),
        "WORDS": (
            "法律依据和理由须为 1 至 1000 个可显示的字符，法律依据不得含有个人代码",
            "legal basis and reason must be 1 to 1000 characters that can be shown, and the basis holds no person's code",
        ),
    }
)  # fmt: skip

_ROW = ("整行", "The row")


def row_fault(reason: str, limit: object = "", value: object = None) -> Fault:
    """Return a fault of a row as a whole."""
    zh, en = REASONS[reason]
    return Fault(reason, None, "", *_ROW, zh.format(limit=limit), en.format(limit=limit), value)
