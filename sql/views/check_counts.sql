-- view:   check_counts
-- what:   the number of violations of each data-quality check by a person, or by the video as a whole
-- grain:  video_id, person_id, check_name, severity
-- values: severity as in checks; person_id is NULL if the check is about the whole video; first_time_s, last_time_s in
--         seconds, NULL if violations have no time
-- run:    in any DuckDB client, after checks.sql

CREATE OR REPLACE VIEW check_counts AS
SELECT
    video_id,
    video,
    run_id,
    person_id,
    check_name,
    severity,
    count(*) AS n,
    min(time_s) AS first_time_s,
    max(time_s) AS last_time_s,
    concat_ws('/', 'check_counts', video_id, coalesce(person_id::VARCHAR, 'video'), check_name, severity) AS result_key
FROM checks
GROUP BY video_id, video, run_id, person_id, check_name, severity;
