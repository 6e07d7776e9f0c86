-- view:   event_counts
-- what:   the number of events of each kind and side of a person, with the times of the first and the last one
-- grain:  video_id, person_id, kind, side
-- units:  times in seconds
-- values: kind and side as in events; side all counts all sides together
-- run:    in any DuckDB client, after events.sql

CREATE OR REPLACE VIEW event_counts AS
SELECT
    video_id,
    video,
    run_id,
    person_id,
    kind,
    coalesce(side, 'all') AS side,
    count(*) AS n,
    min(time_s) AS first_time_s,
    max(time_s) AS last_time_s,
    concat_ws('/', 'event_counts', video_id, person_id, kind, coalesce(side, 'all')) AS result_key
FROM events
GROUP BY GROUPING SETS ((video_id, video, run_id, person_id, kind, side), (video_id, video, run_id, person_id, kind));
