"""Accounts of staff and their roles, for hub administrators."""
