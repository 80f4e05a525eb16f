"""Grants: what may be granted, how grants are kept, and how they change."""
