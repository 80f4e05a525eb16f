"""The change feed and webhooks in GraphQL."""
