"""Supervision (电子监察): figures, coverage and alerts, derived from the records of the audit."""
