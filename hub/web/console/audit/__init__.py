"""Audit: records found and proved, alerts, the log itself."""
