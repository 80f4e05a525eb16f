"""Staff who sign in at an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE)."""
