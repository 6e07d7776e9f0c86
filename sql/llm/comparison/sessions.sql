-- examples: sessions
-- what:     comparison of a metric between two videos of the same named athlete
-- grain:    video_id, person_id, other_video_id, other_person_id, metric, side
-- needs:    session_changes, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    s.result_key AS row_key,
    s.video_id,
    s.person_id,
    s.other_video_id,
    s.other_person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, side, value_first, low_first, high_first, unit, result_key_first) AS "first",
    metric_fact(metric, side, value_second, low_second, high_second, unit, result_key_second) AS "second",
    fact(
        difference, CASE WHEN low < high THEN low END, CASE WHEN low < high THEN high END, unit, side,
        'difference of the ' || metric_words(metric), metric_joint(metric), 'session_changes', s.result_key, 'difference'
    ) AS difference,
    metric_phrase(metric, side) AS phrase,
    metric LIKE '%\_count' ESCAPE '\' AS is_count,
    verdict = 'differs' AS differs,
    video_id_greater = s.video_id AS first_is_greater,
    'first second ' || verdict AS compared,
    difference > 0.5 * greatest(high_first - low_first, high_second - low_second) AS is_told_apart
FROM session_changes AS s
JOIN athletes ON athletes.run_id = s.run_id AND athletes.person_id = s.person_id
-- Shares of frames describe the recording, not the athlete.
WHERE metric <> 'coverage'
ORDER BY s.video_id, row_key
