"""Queries made into plain functions: what graphql-core finds out anew in every execution, found out once for each document."""
