"""The explorer: a page on which integrators read the schema and try queries. `front/` is its source, `built/` what is served."""
