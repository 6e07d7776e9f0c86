-- query:  what to doubt
-- what:   the number of violations of each data-quality check; error means: do not use the data
-- grain:  video, person_id, severity, check_name
-- run:    in any DuckDB client, on the catalog, after `posekit analyze`

SELECT video, person_id AS person, severity, check_name, count(*) AS times, any_value(problem) AS example
FROM checks
GROUP BY ALL
ORDER BY severity, times DESC;
