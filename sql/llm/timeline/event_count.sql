-- examples: event_count
-- what:     the number of events of a kind of a person, on each side and in total
-- grain:    video_id, person_id, kind
-- needs:    event_counts
-- run:      by `posekit export-llm`, on the catalog

WITH counted AS (
    SELECT *, fact(n, NULL, NULL, '1', side, 'number of events: ' || event_words(kind), metric_joint(kind), 'event_counts', result_key, 'n') AS number
    FROM event_counts
)

SELECT
    total.result_key AS row_key,
    total.video_id,
    total.person_id,
    total.first_time_s,
    total.last_time_s,
    total.number AS total,
    CASE WHEN l.n IS NOT NULL THEN l.number END AS "left",
    CASE WHEN r.n IS NOT NULL THEN r.number END AS "right",
    fact(total.first_time_s, NULL, NULL, 's', 'none', 'time of the first ' || event_words(total.kind), metric_joint(total.kind), 'event_counts', total.result_key, 'first_time_s') AS starts,
    fact(total.last_time_s, NULL, NULL, 's', 'none', 'time of the last ' || event_words(total.kind), metric_joint(total.kind), 'event_counts', total.result_key, 'last_time_s') AS ends,
    event_words(total.kind) AS thing,
    event_plural(total.kind) AS things,
    total.n = 1 AS is_one,
    l.n IS NOT NULL AND r.n IS NOT NULL AS has_sides,
    l.n <> r.n AS is_uneven
FROM counted AS total
LEFT JOIN counted AS l ON l.run_id = total.run_id AND l.person_id = total.person_id AND l.kind = total.kind AND l.side = 'left'
LEFT JOIN counted AS r ON r.run_id = total.run_id AND r.person_id = total.person_id AND r.kind = total.kind AND r.side = 'right'
WHERE total.side = 'all'
ORDER BY total.video_id, row_key
