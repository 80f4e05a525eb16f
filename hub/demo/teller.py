"""Who tells the story: shows each step, and stops where it is not true."""

import secrets
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from hub.demo.build import City
from hub.demo.department import Department

READ = """query Read($case: CaseInput!, $number: String!) {
  case(input: $case) {
    __typename
    ... on Case {
      licence(type: "BusinessLicence", number: $number) {
        __typename
        ... on BusinessLicence {
          identifier status revision number name legalRepresentative registeredCapital
          withheld { path reason }
          proof { sdJwt receipt }
        }
        ... on Problem { code message }
      }
    }
    ... on Problem { code message }
  }
}"""
VERIFY = "query Verify($presentation: String!) { verifyLicence(presentation: $presentation) { result checks { name outcome subIndication detail } } }"
OWN = "query Own($identifier: String!) { issuedLicence(identifier: $identifier) { ... on Licence { revision status } ... on Problem { code } } }"
ACT = """mutation Act($input: StatusInput!) {
  act: %s(input: $input) { __typename ... on Licence { identifier status revision } ... on Problem { code message } }
}"""


class StoryError(RuntimeError):
    """The hub did not do what the story says: the demonstration has failed."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the story: shows each step, and stops where it is not true."""

    city: City
    reader: Department
    issuer: Department
    counter: Department
    screen: Console

    def say(self, title: str, *, holds: bool, **facts: Any) -> None:
        """Show a step and what came back.

        Raises:
            StoryError: it is not what the story says.
        """
        self.screen.print(f"{'[green]✓[/green]' if holds else '[red]✗[/red]'} {title}")
        for name, fact in facts.items():
            self.screen.print(f"    [dim]{name.replace('_', ' ')}[/dim] {fact}", highlight=False, soft_wrap=True)
        if not holds:
            raise StoryError(title)

    def read(self, case: dict[str, Any], number: str) -> dict[str, Any]:
        """Read a business licence within a case; return the licence or the problem."""
        answer: dict[str, Any] = self.reader.ask(READ, {"case": case, "number": number})["case"]
        licence: dict[str, Any] = answer.get("licence", answer)
        return licence

    def act(self, operation: str, identifier: str, reason: str) -> dict[str, Any]:
        """Change a licence's status as its issuer."""
        revision = self.issuer.ask(OWN, {"identifier": identifier})["issuedLicence"]["revision"]
        fields = {
            "identifier": identifier, "revision": revision, "reason": reason,
            "legalBasis": "《市场主体登记管理条例》", "idempotencyKey": secrets.token_hex(16),
        }  # fmt: skip
        changed: dict[str, Any] = self.issuer.ask(ACT % operation, {"input": fields})["act"]
        return changed

    def status(self, presentation: str) -> dict[str, Any]:
        """Ask the hub what a presentation is worth now."""
        report: dict[str, Any] = self.reader.ask(VERIFY, {"presentation": presentation})["verifyLicence"]
        return report


def name_of(named: dict[str, Any] | None) -> str:
    """Return the Chinese name of something, empty for nothing."""
    return str(named["name"]["zh"]) if named else ""
