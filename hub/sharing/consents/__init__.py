"""Consents (用证授权): holders let an authority read licences of theirs for one case, and take that back."""
