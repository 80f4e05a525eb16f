"""Who is calling: client systems, their keys, tokens and scopes."""
