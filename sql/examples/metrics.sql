-- query:  what was measured
-- what:   every metric with its 95 % interval
-- grain:  video, person_id, metric, side
-- run:    in any DuckDB client, on the catalog, after `posekit analyze`

SELECT video, person_id AS person, metric, side, round(value, 2) AS value, round(low, 2) AS low, round(high, 2) AS high, unit
FROM metrics
ORDER BY ALL;
