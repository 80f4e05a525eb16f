"""GraphQL over HTTP, judged by others: the audits of the npm package graphql-http, sent to a hub that serves."""

import json
from pathlib import Path

from tests.acceptance.serving_hub import serving_hub
from tests.node_packages import node_packages, run_node

AUDITS = 61
AUDIT = """
const { auditServer } = require("graphql-http");
auditServer({ url: process.argv[1] }).then((results) => {
  const failed = results.filter(({ status }) => status !== "ok");
  console.log(JSON.stringify({ audits: results.length, failed: failed.map(({ id, name, reason }) => `${id} ${name}: ${reason}`) }));
});
"""


def test_every_audit_passes_without_a_warning(tmp_path: Path) -> None:
    packages = node_packages("test")
    with serving_hub(tmp_path) as hub:
        told = json.loads(run_node("-e", AUDIT, f"{hub.url}/graphql", folder=packages))
    assert told["failed"] == []
    assert told["audits"] >= AUDITS
