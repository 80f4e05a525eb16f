"""Metrics and logs of a hub that serves in a process of its own: where they are told, and where they are not."""

import json
from contextlib import closing
from pathlib import Path

import httpx

from tests.acceptance.serving_hub import free_port, serving_hub

ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_prometheus_is_answered_at_the_listener_of_its_own_and_nowhere_else(tmp_path: Path) -> None:
    other = free_port()
    with serving_hub(tmp_path, HUB_METRICS_LISTEN=f"127.0.0.1:{other}") as hub, httpx.Client(trust_env=False) as http:
        with closing(hub.department(tmp_path)) as department:
            client_id = department.client.client_id
        traced = {"traceparent": f"00-{ID}-00f067aa0ba902b7-01"}
        assert http.get(f"{hub.url}/health", headers=traced).headers["x-request-id"] == ID
        assert http.get(f"{hub.url}/metrics").status_code == 404
        for query in (
            "{ __typename }",
            "{ __typename }",
            "{ __schema { queryType { name } } }",
        ):  # introspection has no plan
            assert "data" in http.post(f"{hub.url}/graphql", json={"query": query}).json()
        told = http.get(f"http://127.0.0.1:{other}/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    assert 'licence_hub_requests_total{code="",route="/oauth/token",status="200"} 1.0' in told.text
    assert 'licence_hub_licences{status="VALID",type="BusinessLicence"} 1.0' in told.text
    assert 'licence_hub_graphql_operations_total{by="plan"} 2.0' in told.text
    assert 'licence_hub_graphql_operations_total{by="core"} 1.0' in told.text
    assert "process_resident_memory_bytes" in told.text
    assert client_id not in told.text
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [line["status"] for line in lines if line.get("request") == ID] == [200]
