-- examples: next_event
-- what:     the event that follows an event, and the time between them
-- grain:    video_id, person_id, event
-- needs:    events
-- run:      by `posekit export-llm`, on the catalog

WITH ordered AS (
    SELECT
        *,
        lead(result_key) OVER times AS next_key,
        lead(kind) OVER times AS next_kind,
        lead(side) OVER times AS next_side,
        lead(time_s) OVER times AS next_time_s,
        lead(time_s, 2) OVER times AS after_next_time_s,
        lag(time_s) OVER times AS before_time_s
    FROM events
    WINDOW times AS (PARTITION BY run_id, person_id ORDER BY time_s, kind, side)
)

SELECT
    result_key AS row_key,
    video_id,
    person_id,
    time_s AS first_time_s,
    next_time_s AS last_time_s,
    fact(time_s, NULL, NULL, 's', side, event_words(kind), metric_joint(kind), 'events', result_key, 'time_s') AS moment,
    fact(next_time_s, NULL, NULL, 's', next_side, event_words(next_kind), metric_joint(next_kind), 'events', next_key, 'time_s') AS following,
    CASE WHEN side IN ('left', 'right') THEN side || ' ' ELSE '' END || event_words(kind) AS phrase,
    CASE WHEN next_side IN ('left', 'right') THEN next_side || ' ' ELSE '' END || event_words(next_kind) AS next_phrase,
    CASE next_side WHEN 'left' THEN 'right ' || event_words(next_kind) WHEN 'right' THEN 'left ' || event_words(next_kind) END AS wrong_phrase
FROM ordered
-- Events in the same frame have no order. One in four questions is kept; the hash of the key decides which, so that
-- the choice never changes.
WHERE next_time_s > time_s
    AND (before_time_s IS NULL OR before_time_s < time_s)
    AND (after_next_time_s IS NULL OR after_next_time_s > next_time_s)
    AND (md5_number_lower(result_key) % 4 = 0 OR before_time_s IS NULL)
ORDER BY video_id, row_key
