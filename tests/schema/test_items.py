"""Service items in GraphQL: public, by GET too, with materials and legal basis."""

from typing import Any

from tests.catalogue.items.described import commitment, material, small
from tests.schema.desk import Desk
from tests.sharing.world import ITEM

DOCUMENT = """query Item($code: String!) { serviceItem(code: $code) { code document { key version legalBasis { law grade }
    requirements { name words { en } value } materials { key nature required legalBasis { law article }
    alternatives { source role requirements } commitment { digest checkWithin } } } } }"""
LIST = "{ exemptionList(first: 5) { edges { node { serviceItem way source whose { en } basis } } pageInfo { hasNextPage } } }"


def test_anybody_reads_an_item_with_its_materials_and_their_basis(desk: Desk) -> None:
    desk.world.catalogue.documents.publish(ITEM, small(materials=[material(commitment=commitment())]))
    desk.refresh()

    async def scenario(desk: Desk) -> None:
        answer = await desk.ask(DOCUMENT, None, code=ITEM)
        document: dict[str, Any] = answer["data"]["serviceItem"]["document"]
        assert document["requirements"] == [
            {"name": "classB2", "words": {"en": "the classes include B2"}, "value": '"B2"'}
        ]
        (one,) = document["materials"]
        assert one["alternatives"] == [{"source": "DriverLicence", "role": "applicant", "requirements": ["classB2"]}]
        assert one["legalBasis"] == [{"law": "虚构市政务服务条例", "article": "第一条"}]
        assert len(one["commitment"]["digest"]) == 64

    desk.run(scenario)


def test_an_item_without_a_document_has_none_and_no_item_is_null(desk: Desk) -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.ask(DOCUMENT, None, code=ITEM))["data"]["serviceItem"] == {"code": ITEM, "document": None}
        assert (await desk.ask(DOCUMENT, None, code="NOITEM"))["data"]["serviceItem"] is None

    desk.run(scenario)


def test_the_exemption_list_is_asked_over_get_by_nobody(desk: Desk) -> None:
    desk.world.catalogue.documents.publish(ITEM, small(materials=[material(commitment=commitment())]))
    desk.refresh()

    async def scenario(desk: Desk) -> None:
        answer = await desk.send("GET", authority=None, params={"query": LIST})
        rows = [each["node"] for each in answer.json()["data"]["exemptionList"]["edges"]]
        assert [(row["way"], row["source"]) for row in rows] == [("LICENCE", "DriverLicence"), ("COMMITMENT", None)]
        assert {row["serviceItem"] for row in rows} == {ITEM}

    desk.run(scenario)
