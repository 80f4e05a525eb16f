"""Webhooks: receivers that the hub sends changes to."""
