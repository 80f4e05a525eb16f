"""Service items in GraphQL: what each asks for, what satisfies it without paper, and on which legal basis. Public, as the catalogue is.

Decides only how a published document reads.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

import orjson
import strawberry

from hub.catalogue.generation import PublishedItem
from hub.catalogue.items import exemption_list, item_document
from hub.catalogue.items.retained_proofs import retained_proofs
from hub.catalogue.items.words import role
from hub.catalogue.requirements import Requirement
from schema.enums import ExemptionWay, HolderKind, ItemSector, MaterialNature, SharingClass
from schema.problems import BilingualText


@strawberry.type(description="依据 · A legal basis, and how well it is established.")
class LegalBasis:
    """A legal basis."""

    law: str = strawberry.field(description="法律文件 · The law, regulation or rule.")
    article: str | None = strawberry.field(description="条款 · The article.")
    grade: str = strawberry.field(
        description="可靠程度 · strong: its text was read; good: a published guide; local: one place's; weak: not confirmed."
    )

    @classmethod
    def of(cls, basis: item_document.Basis) -> Self:
        """Show a basis."""
        return cls(law=basis.law, article=basis.article, grade=basis.grade)


def _bases(several: Iterable[item_document.Basis]) -> list[LegalBasis]:
    return [LegalBasis.of(each) for each in several]


@strawberry.type(description="核验条件 · What a licence must say: a predicate that the item publishes.")
class ItemRequirement:
    """A requirement."""

    name: str = strawberry.field(description="条件名 · Its name, for `meets`.")
    words: BilingualText = strawberry.field(description="条件 · What it asks.")
    source: str = strawberry.field(description="来源 · The licence type or register that it speaks of.")
    path: str = strawberry.field(description="字段路径 · The field.")
    operator: str = strawberry.field(description="比较方式 · How it compares, such as atLeast.")
    value: str = strawberry.field(description="比较值 · With what, as JSON.")

    @classmethod
    def of(cls, one: Requirement) -> Self:
        """Show a requirement."""
        return cls(
            name=one.name, words=BilingualText.of(one.words), source=one.source, path=one.path, operator=one.operator,
            value=orjson.dumps(one.value).decode(),
        )  # fmt: skip


@strawberry.type(description="满足方式 · One way to satisfy a material without paper.")
class MaterialAlternative:
    """An alternative."""

    source: str = strawberry.field(description="来源 · The licence type or register.")
    role: str = strawberry.field(description="角色 · Whose: `applicant`, or the role of a declared party.")
    whose: BilingualText = strawberry.field(description="持有人 · Whose, in words.")
    requirements: list[str] = strawberry.field(description="核验条件 · Names of the requirements that it must meet.")
    issued_by: list[str] = strawberry.field(
        description="发证机关 · Credit codes of the only authorities that count; empty is any."
    )

    @classmethod
    def of(cls, one: item_document.Alternative) -> Self:
        """Show an alternative."""
        return cls(
            source=one.source, role=one.of, whose=BilingualText.of(role(one.of)), requirements=list(one.requirements),
            issued_by=sorted(one.issued_by),
        )  # fmt: skip


@strawberry.type(description="告知承诺 · A commitment that may take the place of a material.")
class CommitmentTerms:
    """A commitment's terms."""

    text: BilingualText = strawberry.field(description="承诺内容 · What is committed to.")
    digest: str = strawberry.field(description="摘要 · SHA-256 of the text; name it when the commitment is recorded.")
    check_within: int = strawberry.field(description="核查期限 · Working days within which it is checked.")
    legal_basis: LegalBasis = strawberry.field(description="依据 · On what basis.")

    @classmethod
    def of(cls, one: item_document.Commitment) -> Self:
        """Show a commitment's terms."""
        return cls(
            text=BilingualText.of(one.text),
            digest=one.digest,
            check_within=one.check_within,
            legal_basis=LegalBasis.of(one.basis),
        )


@strawberry.type(description="容缺受理 · That a material may follow later.")
class DeferralTerms:
    """A deferral's terms."""

    days: int = strawberry.field(description="补正期限 · Working days within which it follows.")
    legal_basis: LegalBasis = strawberry.field(description="依据 · On what basis.")

    @classmethod
    def of(cls, one: item_document.Deferral) -> Self:
        """Show a deferral's terms."""
        return cls(days=one.days, legal_basis=LegalBasis.of(one.basis))


@strawberry.type(description="部门核验 · Where the department looks a fact up itself.")
class DepartmentCheck:
    """A check by the department."""

    at: BilingualText = strawberry.field(description="核验渠道 · Where.")
    legal_basis: LegalBasis = strawberry.field(description="依据 · On what basis.")

    @classmethod
    def of(cls, one: item_document.Check) -> Self:
        """Show a check."""
        return cls(at=BilingualText.of(one.at), legal_basis=LegalBasis.of(one.basis))


@strawberry.type(description="保留的证明事项 · A row of the list of retained proofs.")
class RetainedProof:
    """A retained proof."""

    number: str = strawberry.field(description="编号 · Its number in the list.")
    name: BilingualText = strawberry.field(description="证明名称 · Its name.")
    legal_basis: LegalBasis = strawberry.field(description="设定依据 · What it rests on.")
    issued_by: str = strawberry.field(description="开具单位 · Who issues it.")

    @classmethod
    def of(cls, number: str) -> Self:
        """Show a row."""
        row = retained_proofs()[number]
        basis = LegalBasis(law=row.law, article=row.article, grade=row.grade)
        return cls(number=number, name=BilingualText.of(row.name), legal_basis=basis, issued_by=row.issued_by)


@strawberry.type(description="申请材料 · Something the item asks for.")
class ItemMaterial:
    """A material of an item's document."""

    key: str = strawberry.field(description="材料键 · Its key.")
    name: BilingualText = strawberry.field(description="材料名称 · Its name.")
    nature: MaterialNature = strawberry.field(description="材料性质 · What it is.")
    required: bool = strawberry.field(description="必要性 · Whether it is always asked for.")
    condition: BilingualText | None = strawberry.field(description="情形 · When it is asked for, if not always.")
    alternatives: list[MaterialAlternative] = strawberry.field(
        description="满足方式 · Licences that satisfy it, any of them."
    )
    department_check: DepartmentCheck | None = strawberry.field(
        description="部门核验 · Where the department looks it up."
    )
    result_of: list[str] = strawberry.field(
        description="前序材料 · Materials whose settling, in the same case, brings it about."
    )
    commitment: CommitmentTerms | None = strawberry.field(
        description="告知承诺 · The commitment that may take its place."
    )
    deferral: DeferralTerms | None = strawberry.field(description="容缺受理 · That it may follow later.")
    retained_proof: RetainedProof | None = strawberry.field(
        description="证明清单 · Its row in the list of retained proofs."
    )
    legal_basis: list[LegalBasis] = strawberry.field(description="依据 · On what basis it is asked for.")
    note: str | None = strawberry.field(description="说明 · What else is to be known.")

    @classmethod
    def of(cls, one: item_document.Material) -> Self:
        """Show a material."""
        return cls(
            key=one.key, name=BilingualText.of(one.name), nature=MaterialNature(one.nature.value), required=one.condition is None,
            condition=BilingualText.of(one.condition) if one.condition else None,
            alternatives=[MaterialAlternative.of(each) for each in one.satisfied_by],
            department_check=DepartmentCheck.of(one.department_check) if one.department_check else None,
            result_of=list(one.result_of),
            commitment=CommitmentTerms.of(one.commitment) if one.commitment else None,
            deferral=DeferralTerms.of(one.deferral) if one.deferral else None,
            retained_proof=RetainedProof.of(one.retained_proof) if one.retained_proof else None,
            legal_basis=_bases(one.basis), note=one.note,
        )  # fmt: skip


@strawberry.type(description="不适用情形 · What the item is not for.")
class ItemException:
    """What an item is not for."""

    words: BilingualText = strawberry.field(description="情形 · What.")
    legal_basis: LegalBasis = strawberry.field(description="依据 · By which rule.")

    @classmethod
    def of(cls, one: item_document.ItemException) -> Self:
        """Show it."""
        return cls(words=BilingualText.of(one.words), legal_basis=LegalBasis.of(one.basis))


@strawberry.type(description="事项要素 · One version of what a service item asks for.")
class ItemDocument:
    """A service item's document."""

    key: str = strawberry.field(description="要素键 · The document's key; next versions keep it.")
    version: int = strawberry.field(description="版本 · The version.")
    name: BilingualText = strawberry.field(description="事项名称 · The item's name.")
    published_at: datetime = strawberry.field(description="发布时间 · When it was published.")
    handled_by: BilingualText = strawberry.field(description="实施机关 · Which kind of department handles it.")
    applicants: list[HolderKind] = strawberry.field(description="服务对象 · Who may apply.")
    sector: ItemSector = strawberry.field(description="领域 · What it touches.")
    statutory_days: int = strawberry.field(description="法定办结时限 · In working days; 0 is on the spot.")
    promised_days: int | None = strawberry.field(
        description="承诺办结时限 · In working days, where there is a promise."
    )
    limit_note: str | None = strawberry.field(description="时限说明 · What else is to be known of the limits.")
    legal_basis: list[LegalBasis] = strawberry.field(description="依据 · On what basis.")
    result: str | None = strawberry.field(description="办理结果 · The key of the licence type that comes of it.")
    not_for: list[ItemException] = strawberry.field(description="不适用情形 · What it is not for.")
    requirements: list[ItemRequirement] = strawberry.field(description="核验条件 · The predicates that may be asked.")
    materials: list[ItemMaterial] = strawberry.field(description="申请材料 · What it asks for.")
    note: str = strawberry.field(description="说明 · What is not confirmed, and what else is to be known.")

    @classmethod
    def of(cls, published: PublishedItem) -> Self:
        """Show a published document."""
        one = published.document
        return cls(
            key=one.key, version=one.version, name=BilingualText.of(one.name), published_at=published.published_at,
            handled_by=BilingualText.of(one.handled_by), applicants=[each for each in HolderKind if each.value in one.applicants],
            sector=ItemSector(one.sector.value), statutory_days=one.statutory, promised_days=one.promised,
            limit_note=one.limit_note, legal_basis=_bases(one.basis), result=one.result,
            not_for=[ItemException.of(each) for each in one.not_for],
            requirements=[ItemRequirement.of(each) for each in one.requirements.values()],
            materials=[ItemMaterial.of(each) for each in one.materials], note=one.note,
        )  # fmt: skip


@strawberry.type(description="免提交清单 · One way in which one material of one item need not be handed in.")
class Exemption:
    """A row of the exemption list."""

    number: int = strawberry.field(description="序号 · Its place in the list.")
    service_item: str = strawberry.field(description="实施编码 · The service item's code.")
    item_name: BilingualText = strawberry.field(description="事项名称 · The item's name.")
    material: str = strawberry.field(description="材料键 · The material's key.")
    material_name: BilingualText = strawberry.field(description="材料名称 · The material's name.")
    situation: BilingualText = strawberry.field(description="情形 · When it is asked for.")
    required: bool = strawberry.field(description="必要性 · Whether it is always asked for.")
    way: ExemptionWay = strawberry.field(description="免提交方式 · In which way.")
    source: str | None = strawberry.field(description="来源 · The licence type or register that takes its place.")
    source_name: BilingualText | None = strawberry.field(description="证照类型 · Its name.")
    whose: BilingualText | None = strawberry.field(description="持有人 · Whose.")
    checks: list[BilingualText] = strawberry.field(description="核验条件 · What it must say.")
    provider: BilingualText = strawberry.field(description="出具（数源）部门 · Who issues or has it.")
    sharing_class: SharingClass | None = strawberry.field(description="共享属性 · How freely it is shared.")
    basis: str = strawberry.field(description="依据 · On what basis.")
    fallback: BilingualText = strawberry.field(description="兜底方式 · What is done otherwise.")
    effective_at: datetime = strawberry.field(description="生效时间 · Since when.")
    version: int = strawberry.field(description="版本 · The version of the item's document.")

    @classmethod
    def of(cls, row: exemption_list.Exemption) -> Self:
        """Show a row."""
        return cls(
            number=row.number, service_item=row.item, item_name=BilingualText.of(row.item_name), material=row.material,
            material_name=BilingualText.of(row.material_name), situation=BilingualText.of(row.situation), required=row.required,
            way=ExemptionWay(row.way.value), source=row.source,
            source_name=BilingualText.of(row.source_name) if row.source_name else None, whose=BilingualText.of(row.whose) if row.whose else None,
            checks=[BilingualText.of(each) for each in row.checks], provider=BilingualText.of(row.provider),
            sharing_class=SharingClass(row.sharing) if row.sharing else None, basis=row.basis,
            fallback=BilingualText.of(row.fallback), effective_at=row.published_at, version=row.version,
        )  # fmt: skip
