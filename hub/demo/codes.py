"""Codes with right check characters for people and bodies who do not exist.

The region 99 is no division of GB/T 2260, so that no code made here can be a real person's or body's.
"""

CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(kind: str, division: str, organisation: str) -> str:
    """Return an 18-character credit code (GB 32100): 2 characters of kind, 6 of division, 8 of organisation, 2 checks."""
    total = sum(ORGANISATION_ALPHABET.index(c) * w for c, w in zip(organisation, ORGANISATION_WEIGHTS, strict=True))
    inner = "0X987654321"[total % 11] if total % 11 in (0, 1) else str(11 - total % 11)
    body = f"{kind}{division}{organisation}{inner}"
    remainder = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31
    return body + CREDIT_ALPHABET[(31 - remainder) % 31]


def citizen_number(division: str, birth_date: str, sequence: int) -> str:
    """Return an 18-character citizen number (GB 11643, ISO 7064 MOD 11-2); `birth_date` is YYYYMMDD."""
    body = f"{division}{birth_date}{sequence:03d}"
    remainder = sum(int(c) * pow(2, 17 - i, 11) for i, c in enumerate(body)) % 11
    return body + "10X98765432"[remainder]
