-- query:  relations
-- what:   the columns of every table and view that can be queried
-- grain:  relation, column_name
-- values: data_type is the name of the type in DuckDB
-- run:    in any DuckDB client, on the catalog

SELECT table_name AS relation, column_name, any_value(data_type) AS data_type
FROM duckdb_columns()
WHERE NOT internal AND table_name NOT IN ('dataset', 'schema_migrations')
GROUP BY table_name, column_name
ORDER BY table_name, min(column_index);
