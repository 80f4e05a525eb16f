"""A holder who is signed in, as services see him: whose code the identity platform vouches for.

He is made from a token (hub.access.holders.service) and from nothing else, lives in memory only, and is never written, logged or shown.
What he may see is his own: services look it up by blind indexes of his code.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HolderCaller:
    """Who is calling: a natural person or organisation.

    Attributes:
        code_type: the type of his code, three digits (GB/T 36903 Annex A), as the platform gave it.
        code: his code, as the platform gave it.
        name: what this process calls him where it counts his requests; it says nothing to another process, or afterwards.
    """

    code_type: str = field(repr=False)
    code: str = field(repr=False)
    name: str = field(default="", repr=False)
