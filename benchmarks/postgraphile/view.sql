-- What PostGraphile serves: the ten columns of a licence that stand in the clear, found by the unique identifier.
CREATE SCHEMA benchmark;
CREATE VIEW benchmark.licence AS
  SELECT identifier, status, type_key, authority, es_id, version, revision, valid_from, valid_until, sealed FROM licence;
COMMENT ON VIEW benchmark.licence IS E'@primaryKey identifier';
