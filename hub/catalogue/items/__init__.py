"""Service items: their materials, what satisfies them, and on which legal basis, as documents that are published for an item."""
