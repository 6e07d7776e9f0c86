-- examples: people
-- what:     comparison of a metric between two people of a video
-- grain:    video_id, person_id, other_person_id, metric, side
-- needs:    people_compared, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    p.result_key AS row_key,
    p.video_id,
    p.person_id,
    p.other_person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, side, value_first, low_first, high_first, unit, result_key_first) AS "first",
    metric_fact(metric, side, value_second, low_second, high_second, unit, result_key_second) AS "second",
    fact(
        difference, CASE WHEN low < high THEN low END, CASE WHEN low < high THEN high END, unit, side,
        'difference of the ' || metric_words(metric), metric_joint(metric), 'people_compared', p.result_key, 'difference'
    ) AS difference,
    metric_phrase(metric, side) AS phrase,
    metric LIKE '%\_count' ESCAPE '\' AS is_count,
    verdict = 'differs' AS differs,
    person_id_greater = p.person_id AS first_is_greater,
    'first second ' || verdict AS compared,
    difference > 0.5 * greatest(high_first - low_first, high_second - low_second) AS is_told_apart
FROM people_compared AS p
JOIN athletes ON athletes.run_id = p.run_id AND athletes.person_id = p.person_id
ORDER BY p.video_id, row_key
