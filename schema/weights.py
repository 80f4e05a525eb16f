"""What a field costs, beside others: one row for each field that is more than a look into memory.

Decides figures only. A unit is about what one plain field takes to run and to write, some microseconds of one core; `make bench` and
the tests measure what they stand for. What a row does not say costs 1; a field of the root has done something, so it costs more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from graphql import GraphQLField, GraphQLObjectType

REQUEST: Final = 100  # of every request: HTTP, token, JSON, its share of a commit
CHARACTER: Final = 2  # of a document that is not kept ready: parsing, validating and costing it
LARGEST_READING: Final = 20_000  # a large text is mostly strings or comments, for its tokens are bounded
MOST: Final = "most_elements"  # a list field's extension that says how long it can be
LONGEST_COUNTED: Final = 100  # some lists may be longer by far, and hardly ever are
_UNKNOWN_LIST: Final = 10


@dataclass(frozen=True, slots=True)
class Weight:
    """Units of a field itself, and for each element of its page, of its list argument `by`, or KiB of its text argument `by`."""

    own: int = 1
    each: int = 0
    by: str | None = None


# Opening, decrypting, checking and recording one licence.
_READ: Final = 60

WEIGHTS: Final[Mapping[str, Weight]] = MappingProxyType(
    {
        "Query": Weight(50),
        "Mutation": Weight(1_000),  # seals, or proves a key, and commits durably
        "Query.case": Weight(100),
        "Query.exemptionList": Weight(1_000),  # the rows of all items are made
        "HolderView.licences": Weight(1_000, each=_READ),  # blind indexes of every type
        "HolderView.accesses": Weight(1_000, each=20),  # and of every authority
        "Access.inclusion": Weight(500),
        "Query.embargo": Weight(300),
        "Query.evidencePackage": Weight(20_000),  # up to 100 answers are made again, proven and signed for
        "Query.embargoes": Weight(300, each=50),
        "Embargo.accesses": Weight(1_000, each=20),
        "Query.issuedLicence": Weight(_READ),
        "Query.importJob": Weight(100),
        "ImportJob.rejected": Weight(200, each=20),
        "Query.me": Weight(200),
        "Query.staff": Weight(300, each=20),
        "Query.seals": Weight(100, each=20),
        "Query.sealApplication": Weight(100),
        "Query.sealApplications": Weight(300, each=20),
        "Query.resealing": Weight(100),
        "Query.logCheckpoint": Weight(200),
        "Query.recordProof": Weight(500),
        "Query.logConsistency": Weight(500),
        "Supervision.figures": Weight(2_000, each=10),
        "Supervision.coverage": Weight(10_000, each=10),  # licences are counted
        "Supervision.alerts": Weight(300, each=10),
        "Query.changes": Weight(500, each=_READ),  # and its looks at the log
        "Query.changesEnd": Weight(100),
        "Query.webhooks": Weight(200),
        "Webhook.progress": Weight(100),
        "Webhook.deadLetters": Weight(100),
        "Subscription.changes": Weight(_READ),  # of each message
        "Seal.application": Weight(120),
        "SealApplication.steps": Weight(120),
        "SealPicture.sesSeal": Weight(700),
        "SealApplication.picture": Weight(700),  # up to 700 KB of text
        "Mutation.applyForSeal": Weight(10_000),  # a picture is drawn, or taken apart and written anew
        "Mutation.makeRendition": Weight(10_000),  # a file is typeset and signed
        "Query.node": Weight(_READ + 100),  # in the case it was read in
        "Query.nodes": Weight(each=_READ + 100, by="ids"),
        "Query.verifyLicence": Weight(300, each=20, by="presentation"),
        "Query.verifyCode": Weight(300, each=20, by="code"),
        "Query.verifySealedDocument": Weight(300, each=20, by="signature"),
        "Case.licence": Weight(_READ),
        "Case.consentsNeeded": Weight(200),
        "Query.demands": Weight(300, each=20),
        "Query.responsibilities": Weight(300, each=20),
        "Query.grants": Weight(300, each=10),
        "Query.negativeList": Weight(200, each=10),
        "HolderView.consents": Weight(200, each=10),
        "HolderView.presentable": Weight(4_000),  # up to a hundred licences are read
        "HolderView.presentations": Weight(200, each=10),
        "HolderView.presentation": Weight(100),
        "Presentation.disclosed": Weight(300),
        "Mutation.scan": Weight(3_000),  # commits durably, and verifies what it reads
        "Query.counterCode": Weight(300),  # draws a code
        "Case.form": Weight(1_000),  # some ten sources are read
        "Form.text": Weight(50),
        "Case.disputes": Weight(300),
        "HolderView.disputes": Weight(500),
        "Query.disputes": Weight(300, each=30),
        "Case.parties": Weight(300),  # relations are proved, at worst of twenty parties
        "Case.licences": Weight(200, each=_READ),
        "Case.licenceBatch": Weight(each=_READ, by="keys"),
        "Case.person": Weight(_READ),
        "Case.organisation": Weight(_READ),
        "Query.registerImport": Weight(100),
        "RegisterImportJob.refused": Weight(200, each=20),
        "Query.fedPerson": Weight(_READ),
        "Query.fedOrganisation": Weight(_READ),
        "Query.matchIdentity": Weight(5_000),  # pays durably, then looks up to 100 pairs up
        "Mutation.feedPersons": Weight(1_000, each=100, by="entries"),
        "Mutation.feedPersonStatuses": Weight(1_000, each=100, by="entries"),
        "Mutation.feedOrganisations": Weight(1_000, each=100, by="entries"),
        "Mutation.feedOrganisationStatuses": Weight(1_000, each=100, by="entries"),
        "Case.materials": Weight(500),  # every licence that may do is looked up and judged
        "CaseMaterial.licence": Weight(_READ),
        "CaseMaterial.licences": Weight(_READ),
        "Case.meets": Weight(_READ),
        "Query.materialPromises": Weight(300, each=40),
        "Licence.statusAt": Weight(120),
        "Licence.history": Weight(200),
        "Proof.receipt": Weight(20),
        "Licence.qr": Weight(_READ + 300),  # the holder is read, the seal signs, a picture is drawn
    }
)

# How long lists are at most, or usually where nothing bounds them; those of a face say it themselves.
LISTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "Case.grantedTypes": 25,
        "Case.parties": 20,
        "Case.consentsNeeded": 10,
        "Consent.types": 3,
        "Presentable.licences": 20,
        "PresentableLicence.fields": 15,
        "Presentation.chosen": 3,
        "Presentation.disclosed": 3,
        "ChosenLicence.fields": 15,
        "Scan.licences": 3,
        "ScannedLicence.fields": 15,
        "Form.fields": 12,
        "FilledFormField.values": 3,
        "FilledFormField.gaps": 3,
        "Case.disputes": 5,
        "HolderView.disputes": 5,
        "Demand.steps": 6,
        "Access.relations": 2,
        "Query.webhooks": 20,
        "ChangePage.changes": 20,
        "Webhook.deadLetters": 100,
        "Licence.holders": 20,
        "RejectedRow.faults": 5,
        "Me.sessions": 5,
        "StaffMember.roles": 5,
        "LogCheckpoint.keys": 2,
        "InclusionProof.hashes": 25,
        "ConsistencyProof.hashes": 30,
        "Seal.signers": 3,
        "SealApplication.steps": 10,
        "SupervisionFigure.denials": 5,
        "SupervisionAlert.figures": 5,
        "SupervisionAlert.records": 100,
        "Licence.withheld": 30,
        "Case.materials": 15,
        "CaseMaterial.licences": 2,
        "ItemDocument.materials": 15,
        "ItemDocument.legalBasis": 3,
        "ItemDocument.notFor": 2,
        "ItemDocument.requirements": 5,
        "ItemMaterial.legalBasis": 2,
        "ItemMaterial.alternatives": 3,
        "Exemption.checks": 2,
        "NaturalPerson.withheld": 3,
        "Organisation.withheld": 7,
        "RegisterImportJob.outcomes": 7,
        "RefusedRow.violations": 5,
        "FedEntries.results": 100,
        "FedEntry.warnings": 2,
        "Access.disclosed": 20,
        "Access.withheld": 20,
        "Embargo.decisions": 5,
        "Licence.history": 20,
        "LicenceTypeInfo.fields": 40,
        "Problem.violations": 20,
        "VerificationReport.checks": 12,
        "Verdict.checks": 9,
    }
)


def weight(owner: GraphQLObjectType, name: str) -> Weight:
    """Return the weight of an object type's field."""
    return next((WEIGHTS[each] for each in (*_names(owner, name), owner.name) if each in WEIGHTS), Weight())


def usual_length(owner: GraphQLObjectType, name: str, field: GraphQLField) -> int:
    """Return how many elements count of a list field that no argument bounds."""
    known = next((LISTS[each] for each in _names(owner, name) if each in LISTS), _UNKNOWN_LIST)
    return min(int(field.extensions.get(MOST, known)), LONGEST_COUNTED)


def reading(text: str) -> int:
    """Return the units of making a document ready."""
    return min(len(text) * CHARACTER, LARGEST_READING)


def _names(owner: GraphQLObjectType, name: str) -> tuple[str, ...]:
    """Return the names a row may have for a field: the type's own, or that of an interface it implements."""
    return (f"{owner.name}.{name}", *(f"{each.name}.{name}" for each in owner.interfaces))
