"""The dashboard: what the hub does, in plots; and how many licences are expected."""
