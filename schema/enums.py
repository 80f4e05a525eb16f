"""The closed sets of words in GraphQL, each described. Their names are the hub's own; a test compares them."""

from enum import Enum
from typing import cast

import strawberry


def value(name: str, description: str) -> str:
    """Describe a value; Strawberry unwraps it, so that it is the name itself."""
    return cast("str", strawberry.enum_value(name, description=description))


@strawberry.enum(description="证照状态 · The status of a licence.")
class LicenceStatus(Enum):
    """Statuses of a licence; NOT_YET_VALID and EXPIRED follow from its dates."""

    VALID = value("VALID", description="有效 · In force.")
    NOT_YET_VALID = value("NOT_YET_VALID", description="尚未生效 · Its first day lies ahead.")
    SUSPENDED = value("SUSPENDED", description="暂扣 · Out of force until it is resumed.")
    WITHDRAWN = value("WITHDRAWN", description="撤销 · Withdrawn: it should not have been issued.")
    CANCELLED = value("CANCELLED", description="注销 · Ended without fault.")
    EXPIRED = value("EXPIRED", description="失效 · Its last day is over.")
    TRANSFERRED_OUT = value("TRANSFERRED_OUT", description="办理转出 · Moved to another authority.")
    REVOKED = value("REVOKED", description="吊销 · Taken away as a sanction.")
    SUPERSEDED = value("SUPERSEDED", description="已换发 · A newer edition took its place.")


@strawberry.enum(description="证照类别 · What kind of sealed certificate it is.")
class Category(Enum):
    """Categories of licence types."""

    LICENCE = value("LICENCE", description="证照 · A licence in the narrow sense.")
    PROOF = value("PROOF", description="证明 · A certificate of fact.")
    APPROVAL = value("APPROVAL", description="批文 · A written approval.")
    APPRAISAL = value("APPRAISAL", description="鉴定 · An appraisal report.")
    OUTCOME = value("OUTCOME", description="办事结果 · The outcome of a service.")


@strawberry.enum(description="共享属性 · How freely data of a type is shared between departments.")
class SharingClass(Enum):
    """Sharing classes."""

    UNCONDITIONAL = value("UNCONDITIONAL", description="无条件共享 · Shared with every department.")
    CONDITIONAL = value("CONDITIONAL", description="有条件共享 · Shared for a purpose, with the fewest fields.")
    NOT_SHARED = value("NOT_SHARED", description="不予共享 · Never shared.")


@strawberry.enum(description="有效期方式 · How long licences of a type hold.")
class ValidityKind(Enum):
    """Rules of validity."""

    LONG_TERM = value("LONG_TERM", description="长期 · No last day.")
    YEARS = value("YEARS", description="定期 · At most a number of years.")
    DATED = value("DATED", description="注明日期 · A printed last day, or none.")
    NONE = value("NONE", description="不适用 · A dated proof that does not run out.")


@strawberry.enum(description="持证主体类别 · Who may hold a licence.")
class HolderKind(Enum):
    """Kinds of holder."""

    PERSON = value("PERSON", description="自然人 · A natural person.")
    ORGANISATION = value("ORGANISATION", description="法人或其他组织 · An organisation.")


@strawberry.enum(description="字段类型 · What a face field holds.")
class FieldKind(Enum):
    """Kinds of face field."""

    STRING = value("STRING", description="文本 · Text (String).")
    INTEGER = value("INTEGER", description="整数 · A whole number (Int).")
    BOOLEAN = value("BOOLEAN", description="是或否 · True or false (Boolean).")
    DATE = value("DATE", description="日期 · A legal day (Date).")
    DATE_TIME = value("DATE_TIME", description="时刻 · A moment with its offset (DateTime).")
    DECIMAL = value("DECIMAL", description="十进制数 · A decimal number as text (Decimal).")
    IMAGE = value("IMAGE", description="图片 · A picture as base64 (Image).")
    OBJECT = value("OBJECT", description="对象 · Fields of its own.")
    LIST = value("LIST", description="列表 · Several values or objects.")


@strawberry.enum(description="敏感程度 · How much harm a leak of a field does, mildest first.")
class Sensitivity(Enum):
    """Sensitivities of face fields."""

    PUBLIC = value("PUBLIC", description="公开 · Published by law.")
    INTERNAL = value("INTERNAL", description="内部 · For work inside government.")
    PERSONAL = value("PERSONAL", description="个人信息 · Personal information.")
    SENSITIVE = value("SENSITIVE", description="敏感个人信息 · Sensitive personal information (PIPL, article 28).")


@strawberry.enum(description="任务状态 · What is being done about a job.")
class ImportState(Enum):
    """States of a job."""

    WAITING = value("WAITING", description="等待 · No worker has it yet, or it will go on by itself.")
    RUNNING = value("RUNNING", description="进行中 · A worker is at it.")
    FAILED = value(
        "FAILED", description="已停止 · It stopped; `problem` says why. Ask for it again when that is mended."
    )
    CANCELLED = value("CANCELLED", description="已取消 · Somebody ended it; what it stored stands.")
    FINISHED = value("FINISHED", description="已完成 · Every row is done.")


@strawberry.enum(description="不提供原因 · Why a wanted field was withheld.")
class WithheldReason(Enum):
    """Stable reasons."""

    NOT_GRANTED = value("NOT_GRANTED", description="未授权 · No grant in force covers it.")
    NOT_SHARED = value("NOT_SHARED", description="不予共享 · It is never shared.")
    OTHER_PERSON = value("OTHER_PERSON", description="他人信息 · Entries of people outside the case were left out.")
    ERASED = value("ERASED", description="已删除 · The person's data was erased; told to the issuing authority only.")


@strawberry.enum(description="验证结论 · The result of a verification (ETSI EN 319 102-1).")
class VerificationResult(Enum):
    """Results of verification."""

    TOTAL_PASSED = value("TOTAL_PASSED", description="通过 · Everything was checked and is right.")
    TOTAL_FAILED = value("TOTAL_FAILED", description="未通过 · Something is wrong.")
    INDETERMINATE = value("INDETERMINATE", description="无法确定 · Something could not be checked.")


@strawberry.enum(description="检查结论 · The outcome of one check.")
class CheckOutcome(Enum):
    """Outcomes of one check."""

    PASSED = value("PASSED", description="通过 · Checked and right.")
    FAILED = value("FAILED", description="未通过 · Checked and wrong.")
    INDETERMINATE = value("INDETERMINATE", description="无法确定 · Could not be checked.")


@strawberry.enum(description="用证结果 · How a read ended.")
class AccessOutcome(Enum):
    """Outcomes of reads."""

    DISCLOSED = value("DISCLOSED", description="已提供 · Fields were disclosed.")
    REFUSED = value("REFUSED", description="已拒绝 · It was refused; `reason` says why.")
    NOT_FOUND = value("NOT_FOUND", description="未查到 · There was no such licence of the persons of the case.")
    NOT_GRANTED = value("NOT_GRANTED", description="未授权 · The authority may not read this for this service item.")


@strawberry.enum(description="暂缓告知决定 · What was decided about an embargo.")
class EmbargoAct(Enum):
    """Decisions."""

    IMPOSED = value("IMPOSED", description="设定 · The case was opened under it.")
    PROPOSED = value("PROPOSED", description="提出 · Somebody proposed it, or a longer one; it does not hold yet.")
    CONFIRMED = value("CONFIRMED", description="确认 · Another person confirmed the proposal: it holds.")
    REJECTED = value("REJECTED", description="否决 · The proposal was rejected.")
    LIFTED = value("LIFTED", description="解除 · It was ended before its release date.")


@strawberry.enum(description="角色 · What a member of staff may do.")
class StaffRole(Enum):
    """Roles of staff, with what each allows."""

    SEAL_APPLICANT = value("SEAL_APPLICANT", description="印章申请人 · Applies for seals of an authority.")
    SEAL_APPROVER = value("SEAL_APPROVER", description="印章审批人 · Reviews and approves applications for seals.")
    SEAL_MAKER = value("SEAL_MAKER", description="印章制作人 · Makes, files and activates approved seals.")
    LICENCE_OFFICER = value("LICENCE_OFFICER", description="证照经办人 · Issues licences and changes their status.")
    CATALOGUE_STEWARD = value("CATALOGUE_STEWARD", description="目录管理员 · Keeps types, authorities and items.")
    SHARING_STEWARD = value("SHARING_STEWARD", description="共享管理员 · Decides demands, grants and embargoes.")
    COUNTER_CLERK = value("COUNTER_CLERK", description="窗口工作人员 · Checks what is shown at the counter.")
    AUDITOR = value("AUDITOR", description="审计员 · Reads records; changes nothing.")
    HUB_ADMINISTRATOR = value("HUB_ADMINISTRATOR", description="平台管理员 · Keeps accounts and roles of staff.")


@strawberry.enum(description="登录方式 · How somebody signed in.")
class SessionWay(Enum):
    """Ways to sign in."""

    COMMAND = value("COMMAND", description="命令行 · By a command at the hub's machine.")
    API = value("API", description="接口 · Over HTTP.")
    PAGE = value("PAGE", description="网页 · By the page of a browser.")
    PROVIDER = value(
        "PROVIDER", description="统一身份认证平台 · At the identity platform, and by the page of a browser."
    )


@strawberry.enum(description="任务状态 · What is being done about a job.")
class JobState(Enum):
    """States of a job."""

    WAITING = value("WAITING", description="等待 · No worker has it yet, or it will go on by itself.")
    RUNNING = value("RUNNING", description="进行中 · A worker is at it.")
    FAILED = value("FAILED", description="已停止 · It stopped; ask for it again when what `problem` says is mended.")
    CANCELLED = value("CANCELLED", description="已取消 · Somebody ended it; what it did stands.")
    FINISHED = value("FINISHED", description="已完成 · All of it is done.")


@strawberry.enum(description="印章类别 · What a seal is.")
class SealKind(Enum):
    """Kinds of seals."""

    STATUTORY = value("STATUTORY", description="法定名称章 · It says its owner's name and nothing else.")
    SPECIAL = value("SPECIAL", description="专用章 · It says its owner's name and one purpose of the list.")
    PERSONAL = value("PERSONAL", description="法定代表人名章 · It says the legal representative's name.")


@strawberry.enum(description="密钥保管 · Who keeps a seal's key.")
class SealCustody(Enum):
    """Who keeps the key."""

    HUB = value("HUB", description="平台保管 · The hub keeps it for the owner.")
    OWNER = value(
        "OWNER", description="自行保管 · The owner keeps it himself; he prepares, signs elsewhere and completes."
    )


@strawberry.enum(description="密钥位置 · Where the hub makes a key.")
class SealKeyPlace(Enum):
    """Places of keys."""

    STORE = value("STORE", description="密钥库 · In its encrypted key store.")
    PKCS11 = value("PKCS11", description="密码机 · In hardware, which the key never leaves.")


@strawberry.enum(description="印章状态 · The status of a seal, or of the application for it.")
class SealStatus(Enum):
    """Statuses of seals and applications; EXPIRED follows from a seal's dates."""

    APPLIED = value("APPLIED", description="申请 · Somebody applied for it.")
    APPROVED = value("APPROVED", description="审批 · Another person approved it.")
    REJECTED = value("REJECTED", description="驳回 · Another person rejected it; the application is over.")
    MADE = value("MADE", description="制作 · A third person made it; it seals nothing yet.")
    ACTIVE = value("ACTIVE", description="备案启用 · It is filed and may seal.")
    SUSPENDED = value("SUSPENDED", description="停用 · It seals nothing until it is resumed.")
    REVOKED = value("REVOKED", description="注销 · It seals nothing any more; what it sealed before stays verifiable.")
    EXPIRED = value("EXPIRED", description="过期 · Its validity is over.")


@strawberry.enum(description="变更原因 · Why a seal was suspended, resumed or revoked (RFC 5280, section 5.3.1).")
class SealReason(Enum):
    """Reasons."""

    UNSPECIFIED = value("UNSPECIFIED", description="未说明 · No other reason fits.")
    KEY_COMPROMISE = value(
        "KEY_COMPROMISE", description="密钥泄露 · Its key was stolen or lost; said by two people only."
    )
    AFFILIATION_CHANGED = value("AFFILIATION_CHANGED", description="隶属变更 · Its owner's name or body changed.")
    SUPERSEDED = value("SUPERSEDED", description="已被替换 · A remade seal took its place.")
    CESSATION_OF_OPERATION = value("CESSATION_OF_OPERATION", description="停止使用 · It is not needed any more.")
    CERTIFICATE_HOLD = value("CERTIFICATE_HOLD", description="暂停使用 · It is held back for a time.")
    PRIVILEGE_WITHDRAWN = value("PRIVILEGE_WITHDRAWN", description="权限撤回 · Its owner may not use it any more.")


@strawberry.enum(description="印章步骤 · A step in the life of an application and its seal.")
class SealAct(Enum):
    """Steps."""

    APPLY = value("APPLY", description="申请 · It was applied for.")
    APPROVE = value("APPROVE", description="批准 · The application was approved.")
    REJECT = value("REJECT", description="驳回 · The application was rejected.")
    REQUEST = value("REQUEST", description="请求证书 · An outside authority was asked for the certificate.")
    REQUEST_ROTATION = value("REQUEST_ROTATION", description="请求新证书 · It was asked for that of the next key.")
    MAKE = value("MAKE", description="制作 · The seal was made.")
    FILE = value("FILE", description="备案 · The seal was filed and may seal.")
    ROTATE = value("ROTATE", description="更换密钥 · The seal was given a new key.")
    SUSPEND = value("SUSPEND", description="停用 · The seal was suspended.")
    RESUME = value("RESUME", description="恢复 · The seal may seal again.")
    REVOKE = value("REVOKE", description="注销 · The seal was revoked.")
    REPORT_COMPROMISE = value("REPORT_COMPROMISE", description="报告密钥泄露 · Its key was reported stolen or lost.")
    CONFIRM_COMPROMISE = value("CONFIRM_COMPROMISE", description="确认密钥泄露 · Another person confirmed the report.")


@strawberry.enum(description="维度 · By what figures are told apart.")
class FigureDimension(Enum):
    """Dimensions."""

    AUTHORITY = value("AUTHORITY", description="机构 · By authority.")
    LICENCE_TYPE = value("LICENCE_TYPE", description="证照类型 · By licence type.")
    SERVICE_ITEM = value("SERVICE_ITEM", description="政务服务事项 · By service item.")
    DAY = value("DAY", description="日期 · By legal day.")
    MONTH = value("MONTH", description="月份 · By month.")


@strawberry.enum(description="告警规则 · What is unusual.")
class AlertRule(Enum):
    """Rules."""

    MISSES = value("MISSES", description="连续查无 · Many look-ups of one client in a row that found nothing.")
    UNMATCHED = value(
        "UNMATCHED", description="比对不一致过多 · Many pairs of code and name of one client did not belong together."
    )
    REFUSALS = value("REFUSALS", description="密集被拒 · A burst of refusals of one client.")
    OFF_HOURS = value("OFF_HOURS", description="非工作时间查询 · Reads outside the authority's working hours.")
    VOLUME = value("VOLUME", description="查询量异常 · More reads than the client's own weeks before at this hour.")
    HOLDER = value("HOLDER", description="同一主体被密集查询 · One holder read by many clients or in many cases.")
    OVERDUE = value("OVERDUE", description="逾期未办 · A demand, a supply or a dispute past its last day.")


@strawberry.enum(description="告警状态 · What was done about an alert.")
class AlertState(Enum):
    """States of an alert."""

    RAISED = value("RAISED", description="待受理 · Nobody has looked into it.")
    ACKNOWLEDGED = value("ACKNOWLEDGED", description="已受理 · Somebody looks into it.")
    CLOSED = value("CLOSED", description="已办结 · It is known what it came to.")


@strawberry.enum(description="材料性质 · What a material is.")
class MaterialNature(Enum):
    """Natures of materials."""

    FORM = value("FORM", description="申请表格 · A form.")
    IDENTITY = value("IDENTITY", description="身份证明 · An identity document.")
    AUTHORISATION = value("AUTHORISATION", description="授权、同意 · A power of attorney or consent.")
    STATEMENT = value("STATEMENT", description="声明 · A signed statement of the applicant's own.")
    CERTIFICATE = value("CERTIFICATE", description="证照 · A statutory licence or certificate.")
    PERMIT = value("PERMIT", description="前置许可 · A permit that decides the case.")
    PROOF = value("PROOF", description="证明 · A proof of fact by a body or institution.")
    TAX = value("TAX", description="完税凭证 · Taxes paid.")
    REPORT = value("REPORT", description="报告 · A test, review or appraisal.")
    PLAN = value("PLAN", description="图纸、制度 · Drawings, rules and lists.")
    CONTRACT = value("CONTRACT", description="合同、文件 · Contracts and acts of private law.")


@strawberry.enum(description="领域 · What an item touches; all but ORDINARY are kept from commitments.")
class ItemSector(Enum):
    """Sectors of items."""

    ORDINARY = value("ORDINARY", description="一般 · None of the others.")
    NATIONAL_SECURITY = value("NATIONAL_SECURITY", description="国家安全 · National security and secrets.")
    PUBLIC_SECURITY = value("PUBLIC_SECURITY", description="公共安全 · Public security.")
    FINANCE = value("FINANCE", description="金融业审慎监管 · Prudential supervision of finance.")
    ENVIRONMENT = value("ENVIRONMENT", description="生态环境保护 · The environment.")
    LIFE_AND_HEALTH = value("LIFE_AND_HEALTH", description="生命健康 · Direct danger to life, health or property.")
    FOREIGN_AFFAIRS = value("FOREIGN_AFFAIRS", description="重要涉外 · Important foreign matters.")


@strawberry.enum(description="免提交方式 · In which way a material need not be handed in.")
class ExemptionWay(Enum):
    """Ways of the exemption list."""

    LICENCE = value("LICENCE", description="电子证照 · A licence or register takes its place.")
    DEPARTMENT_CHECK = value("DEPARTMENT_CHECK", description="部门核验 · The department looks it up.")
    RESULT_OF_CASE = value("RESULT_OF_CASE", description="前序环节结果 · It comes about in the same case.")
    COMMITMENT = value("COMMITMENT", description="告知承诺 · A commitment takes its place.")
    DEFERRAL = value("DEFERRAL", description="容缺后补 · It may follow later.")


@strawberry.enum(description="材料结果 · What a material of a case comes to, the best first.")
class MaterialResult(Enum):
    """Results of materials."""

    EXEMPT = value("EXEMPT", description="免提交 · A valid licence takes its place.")
    CONSENT_NEEDED = value("CONSENT_NEEDED", description="须经授权 · The holder's consent is missing.")
    DEPARTMENT_CHECK = value("DEPARTMENT_CHECK", description="部门核验 · The department looks it up itself.")
    DEPENDENCY = value("DEPENDENCY", description="前序结果 · It comes about in the same case.")
    NOT_VALID = value("NOT_VALID", description="无效 · What was found is not valid, or does not meet what is asked.")
    COMMITMENT_ALLOWED = value("COMMITMENT_ALLOWED", description="可告知承诺 · A commitment may take its place.")
    DEFERRABLE = value("DEFERRABLE", description="可容缺 · It may follow later.")
    NOT_GRANTED = value("NOT_GRANTED", description="未授权 · No grant lets the authority look.")
    NOT_FOUND = value("NOT_FOUND", description="未查到 · No such licence of these persons was found.")
    PAPER_REQUIRED = value("PAPER_REQUIRED", description="须提交 · Paper it is.")


@strawberry.enum(description="承诺类别 · What is promised in place of a material.")
class PromiseKind(Enum):
    """Kinds of promise."""

    COMMITMENT = value("COMMITMENT", description="告知承诺 · That a fact is so; it is checked.")
    DEFERRAL = value("DEFERRAL", description="容缺受理 · That the material follows.")


@strawberry.enum(description="承诺状态 · What became of a commitment or deferral.")
class PromiseState(Enum):
    """States of a promise."""

    OPEN = value("OPEN", description="待履行 · Not settled yet.")
    KEPT = value("KEPT", description="已履行 · It was kept.")
    BREACHED = value(
        "BREACHED", description="已违反 · It was not kept; no other commitment of this applicant is offered."
    )
    REPAIRED = value("REPAIRED", description="已修复 · The breach was made up for.")


@strawberry.enum(description="处理结果 · What is said of a commitment or deferral.")
class PromiseOutcome(Enum):
    """Outcomes of a promise."""

    KEPT = value("KEPT", description="已履行 · It was kept.")
    BREACHED = value("BREACHED", description="已违反 · It was not kept.")
    REPAIRED = value("REPAIRED", description="已修复 · The breach was made up for.")


@strawberry.enum(description="证照文件类别 · What a rendition is.")
class RenditionKind(Enum):
    """Kinds of renditions."""

    ORIGINAL = value("ORIGINAL", description="原件 · The whole face, under the issuing authority's seal.")
    ANNOTATED_COPY = value("ANNOTATED_COPY", description="加注件 · What was granted, for one purpose, until one day.")
