-- query:  what to doubt
-- what:   violations of checks of the data, counted; an error means: do not use
-- grain:  video, person_id, severity, check_name
-- run:    in any DuckDB client, on the catalog, after `posekit analyze`

SELECT video, person_id AS person, severity, check_name, count(*) AS times, any_value(problem) AS example
FROM checks
GROUP BY ALL
ORDER BY severity, times DESC;
