"""The purposes of special-purpose seals (专用章), one row each.

The list is that of practice; no standard closes it. Invoice seals are oval by 国家税务总局公告2011年第7号, the others as they are usually made.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hub.seals.pictures.specification import Shape


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose: its key, what stands on the seal after the owner's name, its name in English, and the usual shape."""

    key: str
    suffix: str
    name_en: str
    shape: Shape = Shape.ROUND


_ROWS = (
    Purpose("ELECTRONIC_LICENCE", "电子证照专用章", "Electronic licences"),
    Purpose("GOVERNMENT_SERVICE", "政务服务专用章", "Government services"),
    Purpose("ADMINISTRATIVE_APPROVAL", "行政审批专用章", "Administrative approvals"),
    Purpose("REGISTRATION", "登记专用章", "Registrations"),
    Purpose("FILING", "备案专用章", "Filings"),
    Purpose("CERTIFICATION", "证明专用章", "Certificates of fact"),
    Purpose("HOUSEHOLD", "户口专用章", "Household registers"),
    Purpose("CONTRACT", "合同专用章", "Contracts"),
    Purpose("FINANCE", "财务专用章", "Finance"),
    Purpose("INVOICE", "发票专用章", "Invoices", Shape.OVAL),
    Purpose("CUSTOMS", "报关专用章", "Customs declarations", Shape.OVAL),
    Purpose("PERSONNEL", "人事专用章", "Personnel"),
    Purpose("INSPECTION", "检验检测专用章", "Inspection and testing"),
    Purpose("BUSINESS", "业务专用章", "Business"),
)
PURPOSES: Final[Mapping[str, Purpose]] = MappingProxyType({row.key: row for row in _ROWS})
BY_SUFFIX: Final[Mapping[str, Purpose]] = MappingProxyType({row.suffix: row for row in _ROWS})
