-- query:  check kinds
-- what:   findings about the data quality of all videos, summed up by kind
-- grain:  video_id, person_id, check_name, severity
-- units:  seconds from the first frame
-- values: severity is error, warning or info; person_id is NULL if findings are about the whole video; times are NULL
--         if findings have no times; example is the first finding
-- run:    in any DuckDB client, on the catalog

SELECT
    video_id::VARCHAR AS video_id,
    check_name::VARCHAR AS check_name,
    severity::VARCHAR AS severity,
    person_id::INTEGER AS person_id,
    count(*) AS n,
    min(time_s) AS first_time_s,
    max(time_s) AS last_time_s,
    arg_min(problem, (coalesce(time_s, -1), problem)) AS example
FROM checks
GROUP BY ALL
ORDER BY video_id, person_id NULLS FIRST, check_name, severity
