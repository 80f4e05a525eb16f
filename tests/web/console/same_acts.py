"""The same acts by GraphQL: what stands for a form of the console, with the same objects. Clients' own mutations take no staff at all."""

from collections.abc import Mapping
from typing import Final

_SEAL, _APPLICATION, _DEMAND = (
    "/console/seals/{es_id}",
    "/console/seals/applications/{application}",
    "/console/sharing/demands/{demand}",
)
_GRANT, _EMBARGO, _LICENCE = (
    "/console/sharing/grants/{grant}",
    "/console/sharing/embargoes/{case}",
    "/console/licences/{identifier}",
)
_WHY = 'reason: "虚构事由", legalBasis: "虚构条例", idempotencyKey: "same-acts"'
_STATUS = f'input: {{{{identifier: "{{identifier}}", revision: 1, {_WHY}}}}}'
SAME_ACTS: Final[Mapping[str, str]] = {
    f"{_APPLICATION}/approve": 'approveSealApplication(application: "{application}")',
    f"{_APPLICATION}/reject": 'rejectSealApplication(application: "{application}", note: "x")',
    f"{_APPLICATION}/make": 'makeSeal(application: "{application}")',
    f"{_APPLICATION}/request": 'requestSealCertificate(application: "{application}")',
    f"{_SEAL}/file": 'fileSeal(esId: "{es_id}")',
    f"{_SEAL}/suspend": 'suspendSeal(esId: "{es_id}", reason: UNSPECIFIED, note: "x")',
    f"{_SEAL}/resume": 'resumeSeal(esId: "{es_id}", reason: UNSPECIFIED, note: "x")',
    f"{_SEAL}/revoke": 'revokeSeal(esId: "{es_id}", reason: UNSPECIFIED, note: "x")',
    f"{_SEAL}/report": 'reportSealCompromise(esId: "{es_id}")',
    f"{_SEAL}/confirm": 'confirmSealCompromise(esId: "{es_id}")',
    f"{_DEMAND}/withdraw": 'withdrawDemand(demand: "{demand}", note: "x")',
    f"{_DEMAND}/ask-completion": 'askDemandCompletion(demand: "{demand}", note: "x")',
    f"{_DEMAND}/ask-extension": 'askDemandExtension(demand: "{demand}", days: 5, note: "x")',
    f"{_DEMAND}/allow-extension": 'allowDemandExtension(demand: "{demand}")',
    f"{_DEMAND}/deny-extension": 'denyDemandExtension(demand: "{demand}", note: "x")',
    f"{_DEMAND}/complete": 'completeDemand(demand: "{demand}", scene: "x", legalBasis: "x")',
    f"{_DEMAND}/supply": 'supplyDemand(demand: "{demand}", note: "x")',
    f"{_GRANT}/suspend": 'suspendGrant(grant: "{grant}")',
    f"{_GRANT}/resume": 'resumeGrant(grant: "{grant}")',
    f"{_GRANT}/end": 'endGrant(grant: "{grant}")',
    f"{_EMBARGO}/confirm": 'confirmEmbargo(embargo: "{case}")',
    f"{_EMBARGO}/reject": 'rejectEmbargo(embargo: "{case}")',
    f"{_EMBARGO}/lift": 'liftEmbargo(embargo: "{case}")',
    "/console/sharing/negative-list/{entry}/remove": 'removeNegativeEntry(entry: "{entry}", reason: "x")',
    "/console/sharing/disputes/{dispute}/answer": 'answerDispute(input: {{dispute: "{dispute}", answer: REJECTED, reason: "x"}})',
    "/console/audit/alerts/{alert}/acknowledge": 'acknowledgeAlert(alert: "{alert}", note: "x")',
    "/console/audit/alerts/{alert}/close": 'closeAlert(alert: "{alert}", note: "x")',
    **{
        f"{_LICENCE}/{path}": f"{mutation}({_STATUS})"
        for path, mutation in (
            ("suspend", "suspendLicence"), ("resume", "resumeLicence"), ("withdraw", "withdrawLicence"), ("revoke", "revokeLicence"),
            ("cancel", "cancelLicence"), ("transfer-out", "transferLicenceOut"), ("cancel-transfer", "cancelLicenceTransfer"),
        )
    },
    "/console/imports/{job}/cancel": 'cancelImport(id: "{job}")',
}  # fmt: skip


def document(paths: list[str], objects: Mapping[str, str]) -> str:
    """Return a document that asks for these acts, one after another; the place of each is its alias."""
    asked = (
        f"a{place}: {SAME_ACTS[path].format_map(objects)} {{ ... on Problem {{ code }} }}"
        for place, path in enumerate(paths)
    )
    return f"mutation {{ {' '.join(asked)} }}"
