"""The application: Hub -> ASGI application, and what a hub offers over GraphQL.

Decides how schema, endpoints and pages are put together over the services of a hub; only this module imports them. Whoever only needs the services
opens a hub by `hub.composition`.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute, request_response
from starlette.types import ASGIApp

from hub import metrics
from hub.access.allowances import Allowances
from hub.access.documents import TrustedDocuments
from hub.audit.epoch import EpochReader
from hub.audit.release import Release
from hub.catalogue.items.exemption_list import exemptions
from hub.catalogue.items.exemption_list import table as exemption_table
from hub.catalogue.licence_type import load_shipped
from hub.composition import Hub
from hub.endpoints.access_log import AccessLog, Named
from hub.endpoints.errors import status
from hub.endpoints.guard import DisclosureGuard
from hub.endpoints.metrics import METRICS, Metrics, listening
from hub.endpoints.refreshing import SharedRefresh
from hub.endpoints.routes import routes
from hub.endpoints.services import EndpointServices
from hub.regular import Regular
from hub.rounds import rounds
from hub.web.routes import WebServices, page_routes
from schema.build import Schema, export
from schema.context import Services
from schema.http import METHODS, GraphQLEndpoint
from schema.live import LiveSchema
from schema.sockets.endpoint import SocketEndpoint
from schema.trusted import Examiner


@dataclass(frozen=True, slots=True)
class Offering:
    """What a hub offers over GraphQL: the schema of its catalogue, and the documents that are trusted to run on it."""

    schema: Schema
    documents: TrustedDocuments

    @classmethod
    def of(cls, hub: Hub) -> Self:
        """Make it of a hub's services; the schema is built when it is first needed."""
        schema = Schema(hub.catalogue, hub.settings.limits)
        documents = TrustedDocuments(
            hub.database, hub.audit, hub.clock, prove=hub.access.prove, examine=Examiner(schema).examine,
            owner_of=lambda code: hub.catalogue.item(code).authority,
        )  # fmt: skip
        return cls(schema, documents)


def create_app(hub: Hub) -> ASGIApp:
    """Return the ASGI application of a hub: machine endpoints, GraphQL and pages, behind the disclosure guard."""
    offering, allowances = Offering.of(hub), Allowances(hub.settings.limits)
    schema = offering.schema
    schema.follow()
    hub.memory.derived.append(schema.refresh)
    requests = metrics.Requests()
    services, limits = services_of(hub), hub.settings.limits
    epochs = EpochReader(hub.reader).read
    refresh = SharedRefresh(hub.refresh)
    release = Release(hub.recorder, hub.epoch, epochs, refresh, limits.seconds)
    trusted_only = hub.settings.trusted_documents_only
    graphql = GraphQLEndpoint(schema, services, allowances, trusted_only=trusted_only)
    sockets = SocketEndpoint(schema, services, release, allowances, limits, trusted_only=trusted_only)
    figures = metrics.registry(metrics.rows(metrics.Sources(
        requests, hub.recorder, hub.jobs, hub.licences, hub.database, hub.supervision, hub.clock, graphql.planned,
        hub.changes, sockets.sockets, hub.codes.public.verdicts,
    )))  # fmt: skip
    endpoints = EndpointServices(
        access=hub.access, seals=hub.seals, status_lists=hub.status_lists, receipts=hub.sharing.jwks,
        ready=hub.database.is_current, register=offering.documents.submit, live_schema=LiveSchema(schema),
        imports=hub.imports, staff=hub.staff, seal_lists=hub.seal_lists, log=hub.log.published,
        cosign=hub.log.cosignatures.take, offline_pack=hub.offline_pack, renditions=hub.renditions,
        exemption_list=lambda: exemption_table(exemptions(hub.catalogue.current), hub.settings.calendar),
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_sync(hub.audit.note_settings, hub.settings.told())
        await run_sync(hub.supervision.hold_to, hub.settings.thresholds)
        tasks = [asyncio.create_task(each.repeat(hub.clock)) for each in regular_work(hub)]
        tasks += [asyncio.create_task(each) for each in (*hub.changes.work(release), sockets.sockets.watch())]
        with listening(hub.settings.metrics_listen, figures):
            yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # what is being written ends first
        await refresh.ended()
        await hub.close()

    web = WebServices.of(
        hub.settings, hub.clock, status, hub.staff, hub.codes, hub.counters, hub.sharing.materials, hub.catalogue.items,
        allowances, hub.renditions.told, hub, offering,
    )  # fmt: skip
    pages = page_routes(web)
    if hub.settings.metrics and hub.settings.metrics_listen is None:
        pages.append(Route(METRICS, Named(request_response(Metrics(figures)), METRICS), methods=["GET"]))
    route = Route("/graphql", Named(request_response(graphql.answer), "/graphql"), methods=list(METHODS))
    table = Starlette(
        routes=[*routes(endpoints), route, WebSocketRoute(route.path, sockets), *pages],
        lifespan=lifespan, exception_handlers={404: web.pages.unmatched},
    )  # fmt: skip
    guard = DisclosureGuard(
        table, recorder=hub.recorder, current_epoch=hub.epoch, durable_epoch=epochs,
        refresh=refresh, limits=limits, allowances=allowances, page=web.pages.refusal,
        direct={(method, route.path): graphql for method in METHODS},
    )  # fmt: skip
    return AccessLog(guard, requests.told, hub.supervision.latencies.told)


def regular_work(hub: Hub) -> tuple[Regular, ...]:
    """Return what is done regularly."""
    return rounds(
        publishing_seconds=hub.settings.status_list_seconds, publish=hub.status_lists.publish_due,
        publish_seals=hub.seal_lists.publish_due, integrate=hub.log.integrate, grown=hub.changes.waking.ring,
        fold=hub.supervision.keep_up, keep_latencies=hub.supervision.latencies.keep, forget=hub.forget_expired,
    )  # fmt: skip


def services_of(hub: Hub) -> Services:
    """Return what GraphQL may reach of a hub."""
    return Services(
        access=hub.access, catalogue=hub.catalogue, seals=hub.seals, licences=hub.licences, sharing=hub.sharing,
        verification=hub.verification, clock=hub.clock, imports=hub.imports, accounts=hub.staff, office=hub.seal_office,
        inspection=hub.inspection, file_sealing=hub.file_sealing, resealing=hub.resealing, holders=hub.holders, supervision=hub.supervision, evidence=hub.evidence,
        identities=hub.identities, register_imports=hub.register_imports, changes=hub.changes, codes=hub.codes,
        counters=hub.counters, renditions=hub.renditions,
    )  # fmt: skip


def schema_text() -> str:
    """Return the SDL of the shipped licence types."""
    return export(load_shipped())
