-- query:  metrics
-- what:   the metrics of the main athlete, for the panel
-- grain:  metric, side
-- units:  as in metrics
-- run:    in any DuckDB client, on the catalog of one video

SELECT person_id, metric::VARCHAR AS metric, side::VARCHAR AS side, value, low, high, unit::VARCHAR AS unit
FROM metrics
WHERE person_id = 0 AND value IS NOT NULL
ORDER BY metric, side
