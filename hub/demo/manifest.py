"""demo.json: what scripts need to call the demonstration. It holds invented people in the clear and is written last."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub.demo import platform
from hub.demo.build import City, DemoLicence
from hub.demo.clients import DemoClient

QUERY = """query LicenceForCase($case: CaseInput!, $number: String!) {
  case(input: $case) {
    __typename
    ... on Case {
      serviceItem
      licence(type: "BusinessLicence", number: $number) {
        __typename
        ... on BusinessLicence {
          identifier
          status
          number
          name
          legalRepresentative
          address
          businessScope
          registeredCapital
          validUntil
          withheld { path reason }
          proof { sdJwt }
        }
        ... on Problem { code message }
      }
    }
    ... on Problem { code message }
  }
}
"""


def write_manifest(folder: Path, city: City, statuses: Mapping[str, str]) -> None:
    """Write demo.json, mode 0600, in one step; `statuses` are those the story changed, by identifier."""
    url = city.url
    document = {
        "url": url,
        "graphql": f"{url}/graphql",
        "token_endpoint": f"{url}/oauth/token",
        "issuer": url,
        "clients": [describe_client(client) for client in city.clients],
        "holder": {"codeType": "111", "code": city.holder.number, "private_key": platform.KEY},
        "staff": [asdict(each) for each in city.staff],
        "licences": [describe_licence(licence, statuses) for licence in city.licences],
        "query": QUERY,
        "variables": city.variables,
    }
    draft = folder / "demo.json.part"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / "demo.json")


def describe_client(client: DemoClient) -> dict[str, Any]:
    """Return a client as scripts need it; the private key's path is relative to the folder."""
    return {
        "client_id": client.client_id,
        "kid": client.kid,
        "authority": client.authority,
        "scopes": list(client.scopes),
        "private_key": client.private_key,
        "purposes": [{"input": purpose.input, "refused": purpose.refused} for purpose in client.purposes],
    }


def describe_licence(licence: DemoLicence, statuses: Mapping[str, str]) -> dict[str, Any]:
    """Return a licence with its first holder and the status it has after the story."""
    holder = licence.holders[0]
    return {
        "identifier": licence.identifier,
        "type": licence.type_key,
        "number": licence.number,
        "status": statuses.get(licence.identifier, licence.status),
        "holder": {"codeType": holder.code_type, "code": holder.code, "name": holder.name},
    }
