"""The schema as text (SDL), its types by name: the same schema always has the same text, however it came about."""

from collections.abc import Mapping

from graphql import GraphQLSchema, is_introspection_type, is_specified_scalar_type, print_type


def printed(schema: GraphQLSchema) -> dict[str, str]:
    """Return the text of each type by its name."""
    types = schema.type_map.values()
    return {
        each.name: print_type(each)
        for each in types
        if not is_introspection_type(each) and not is_specified_scalar_type(each)
    }


def joined(texts: Mapping[str, str]) -> str:
    """Return the text of a schema from those of its types."""
    return "\n\n".join(texts[name] for name in sorted(texts)) + "\n"
