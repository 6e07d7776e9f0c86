-- examples: events
-- what:     the events of a person in order of time, eight at a time
-- grain:    video_id, person_id, part of eight events
-- needs:    events
-- run:      by `posekit export-llm`, on the catalog

WITH ordered AS (
    SELECT
        video_id,
        run_id,
        person_id,
        kind,
        side,
        time_s,
        result_key,
        row_number() OVER (PARTITION BY run_id, person_id ORDER BY time_s, kind, side) - 1 AS place
    FROM events
)

SELECT
    concat_ws('/', 'events', video_id, person_id, place // 8) AS row_key,
    video_id,
    person_id,
    min(time_s) AS first_time_s,
    max(time_s) AS last_time_s,
    list(fact(time_s, NULL, NULL, 's', side, event_words(kind), metric_joint(kind), 'events', result_key, 'time_s') ORDER BY place) AS moments,
    place // 8 = 0 AS is_start
FROM ordered
GROUP BY video_id, run_id, person_id, place // 8
HAVING count(*) >= 2
ORDER BY video_id, row_key
