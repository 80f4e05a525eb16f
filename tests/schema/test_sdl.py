"""The schema as clients see it: whole, described, and the same as the file in the repository."""

import re
from enum import Enum
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

import schema
from hub.access.staff.roles import ROLES
from hub.access.staff.sessions import Way
from hub.catalogue import code_types, face_fields, face_kinds, licence_type
from hub.catalogue.licence_type import load_shipped
from hub.changes.event import ChangeKind
from hub.changes.webhooks.register import State as WebhookState
from hub.changes.webhooks.sending import Result as WebhookResult
from hub.counters.presentations.presentation import State as PresentationState
from hub.counters.verdict import Colour, Word
from hub.jobs.service import JobState
from hub.licences import status
from hub.seals.kinds import Custody, KeyPlace, Kind
from hub.seals.life import STEPS, SealStatus
from hub.seals.register import Reason as SealReason
from hub.sharing import deadlines
from hub.sharing.demands.life import STEPS as DEMAND_STEPS
from hub.sharing.demands.life import DemandState
from hub.sharing.embargoes import Act as EmbargoAct
from hub.sharing.forms.filling import FieldState, Gap
from hub.sharing.forms.steps import State as DisputeState
from hub.sharing.policy import GrantState
from hub.sharing.records import Outcome as AccessOutcome
from hub.sharing.relations import Evidence
from hub.sharing.withholding import Reason
from hub.supervision.figures import Dimension
from hub.supervision.rules import RULES
from hub.supervision.steps import State
from keys.report import Outcome, Result
from schema import enums, form_enums, presentation_enums, sharing_enums, verdict_enums
from schema.build import export
from schema.feed import enums as feed_enums
from schema.generation import Generation

SDL = Path(schema.__file__).with_name("hub.graphql")
HAN = re.compile("[\u4e00-\u9fff]")


def named_types(generation: Generation) -> list[GraphQLNamedType]:
    return [
        each
        for each in generation.schema.type_map.values()
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    ]


def test_the_file_is_what_the_code_says() -> None:
    assert SDL.read_text("utf-8") == export(load_shipped())


@pytest.mark.parametrize("one", load_shipped(), ids=lambda one: one.key)
def test_every_shipped_type_is_in_the_schema_with_every_field(
    one: licence_type.LicenceType, shipped: Generation
) -> None:
    made = shipped.schema.type_map[one.key]
    assert isinstance(made, GraphQLObjectType)
    assert {each.name for each in made.interfaces} == {"Licence", "Node"}
    assert {path for path in one.by_path if "." not in path} <= made.fields.keys()
    assert shipped.schema.is_sub_type(shipped.schema.type_map["LicenceResult"], made)  # type: ignore[arg-type]
    assert one.name.zh in (made.description or "")


def test_everything_is_described(shipped: Generation) -> None:
    missing = []
    for each in named_types(shipped):
        missing += [] if each.description else [each.name]
        if isinstance(each, GraphQLEnumType):
            missing += [f"{each.name}.{name}" for name, value in each.values.items() if not value.description]
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            missing += [f"{each.name}.{name}" for name, field in each.fields.items() if not field.description]
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType):
            missing += [
                f"{each.name}.{name}({argument})"
                for name, field in each.fields.items()
                for argument, given in field.args.items()
                if not given.description
            ]
    assert missing == []


def test_every_field_of_a_face_is_described_in_both_languages(shipped: Generation) -> None:
    for one in load_shipped():
        made = shipped.schema.type_map[one.key]
        assert isinstance(made, GraphQLObjectType)
        for path, field in one.by_path.items():
            if "." not in path:
                description = made.fields[path].description or ""
                assert one.title(path, "zh") in description
                assert HAN.search(description)
                assert one.title(path, "en") in description, (path, field)


def test_names_follow_the_custom_of_graphql(shipped: Generation) -> None:
    for each in named_types(shipped):
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", each.name)
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", name) for name in each.fields)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (enums.Category, licence_type.Category),
        (enums.SharingClass, licence_type.SharingClass),
        (enums.ValidityKind, licence_type.ValidityKind),
        (enums.HolderKind, code_types.HolderKind),
        (enums.FieldKind, face_kinds.Kind),
        (enums.Sensitivity, face_fields.Sensitivity),
        (enums.WithheldReason, Reason),
        (enums.SessionWay, Way),
        (enums.AccessOutcome, AccessOutcome),
        (enums.EmbargoAct, EmbargoAct),
        (form_enums.PartyEvidence, Evidence),
        (form_enums.FormFieldState, FieldState),
        (form_enums.FormGapReason, Gap),
        (form_enums.DisputeState, DisputeState),
        (presentation_enums.PresentationState, PresentationState),
        (verdict_enums.VerdictWord, Word),
        (verdict_enums.VerdictColour, Colour),
        (sharing_enums.GrantState, GrantState),
        (sharing_enums.DemandState, DemandState),
        (sharing_enums.DeadlineKind, deadlines.Kind),
        (enums.VerificationResult, Result),
        (enums.CheckOutcome, Outcome),
        (enums.JobState, JobState),
        (enums.SealKind, Kind),
        (enums.SealCustody, Custody),
        (enums.SealReason, SealReason),
        (enums.SealStatus, SealStatus),
        (enums.FigureDimension, Dimension),
        (enums.AlertState, State),
        (feed_enums.ChangeKind, ChangeKind),
        (feed_enums.WebhookState, WebhookState),
        (feed_enums.WebhookResult, WebhookResult),
    ],
)
def test_the_words_are_the_hubs_own(ours: type[Enum], theirs: type[Enum]) -> None:
    assert {each.value for each in ours} == {each.value for each in theirs}


def test_the_statuses_are_the_hubs_own() -> None:
    assert {each.value for each in enums.StaffRole} == ROLES.keys()
    assert {each.value for each in enums.SealAct} == STEPS.keys()
    assert {each.value for each in sharing_enums.DemandStepName} == DEMAND_STEPS.keys()
    assert [each.value for each in enums.AlertRule] == [rule.name for rule in RULES]
    assert {each.value for each in enums.SealKeyPlace} == KeyPlace.__members__.keys()
    assert {each.value for each in enums.LicenceStatus} == {*status.Status, status.NOT_YET_VALID, status.EXPIRED}
