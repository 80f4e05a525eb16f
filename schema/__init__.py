"""The GraphQL of Licence Hub: types, resolvers of one to five lines, limits."""
