"""The registers of natural persons and organisations: fed by their source authorities, sealed, and matched."""
