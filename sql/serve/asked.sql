-- query:  what is asked
-- what:   whether the SQL in the variable `asked` is a query that only reads, checked before it runs: the number of
--         its statements, and its table functions
-- grain:  one row
-- values: n_statements is NULL if the SQL cannot be a query, and problem gives the reason: `parser` with message and
--         place (bytes from the start), or `not implemented` for another statement; is_list_of_tables is true for SHOW
--         TABLES; functions are separated by commas
-- run:    in any DuckDB client: SET VARIABLE asked = 'FROM range(3)'

WITH parsed AS (
    SELECT json_serialize_sql(getvariable('asked')) AS tree
)

SELECT
    tree ->> 'error_type' AS problem,
    tree ->> 'error_message' AS message,
    (tree ->> 'position')::BIGINT AS place,
    json_array_length(tree, '$.statements')::BIGINT AS n_statements,
    coalesce(
        (tree ->> '$.statements[0].node.from_table.type') = 'SHOW_REF'
        AND (tree ->> '$.statements[0].node.from_table.table_name') = '"tables"',
        false
    ) AS is_list_of_tables,
    (
        SELECT string_agg(DISTINCT node.atom ->> '$', ',')
        FROM json_tree(parsed.tree) AS node
        WHERE node.fullkey LIKE '%.function.function_name'
    ) AS functions
FROM parsed;
