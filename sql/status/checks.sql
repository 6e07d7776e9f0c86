-- query:  checks
-- what:   the findings of the data-quality checks, most severe first
-- grain:  video, person_id, check_name
-- run:    in any DuckDB client, on the catalog

SELECT
    video,
    person_id,
    severity,
    check_name,
    count(*) AS n,
    min(problem) AS example
FROM checks
GROUP BY video, person_id, severity, check_name
ORDER BY severity = 'error' DESC, severity = 'warning' DESC, video, person_id, check_name
