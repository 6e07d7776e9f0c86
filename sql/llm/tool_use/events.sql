-- examples: events
-- what:     the number of events of a kind on each side, with the times of the first and the last one
-- grain:    video_id, person_id, kind
-- needs:    event_counts
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'tool_events', video_id, person_id, kind) AS row_key,
    video_id,
    person_id,
    min(first_time_s) AS first_time_s,
    max(last_time_s) AS last_time_s,
    video_id AS this_video,
    person_id::VARCHAR AS this_person,
    format(
        'SELECT side, count(*) AS n, round(min(time_s), 2) AS first_s, round(max(time_s), 2) AS last_s FROM events '
            || 'WHERE video_id = ''{}'' AND person_id = {} AND kind = ''{}'' GROUP BY side ORDER BY side',
        video_id, person_id, kind
    ) AS tool_sql,
    to_json(list(
        {'side': side, 'n': n, 'first_s': round(first_time_s, 2), 'last_s': round(last_time_s, 2)} ORDER BY side
    ))::VARCHAR AS tool_answer,
    list(fact(n, NULL, NULL, '1', side, 'number of events: ' || event_words(kind), metric_joint(kind), 'event_counts', result_key, 'n') ORDER BY side) AS numbers,
    list(fact(first_time_s, NULL, NULL, 's', side, 'time of the first ' || event_words(kind), metric_joint(kind), 'event_counts', result_key, 'first_time_s')
        ORDER BY side) AS starts,
    event_words(kind) AS thing,
    event_plural(kind) AS things,
    count(*) = 2 AS has_sides,
    max(n) > min(n) AS is_uneven
FROM event_counts
WHERE side <> 'all'
GROUP BY video_id, run_id, person_id, kind
ORDER BY video_id, row_key
