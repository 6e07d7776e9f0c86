-- examples: sides
-- what:     comparison of a metric of one person between left and right
-- grain:    video_id, person_id, metric
-- needs:    sides_compared, athletes
-- run:      by `posekit export-llm`, on the catalog

SELECT
    s.result_key AS row_key,
    s.video_id,
    s.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    metric_fact(metric, 'left', value_left, low_left, high_left, unit, result_key_left) AS "left",
    metric_fact(metric, 'right', value_right, low_right, high_right, unit, result_key_right) AS "right",
    fact(difference, low, high, unit, 'none', 'difference of the ' || metric_words(metric), metric_joint(metric), 'sides_compared', s.result_key, 'difference') AS difference,
    metric_words(metric) AS words,
    verdict = 'differs' AS differs,
    verdict = 'far_side' AS is_estimate,
    far_side,
    side_greater AS greater,
    CASE side_greater WHEN 'left' THEN 'right' ELSE 'left' END AS lesser,
    'left right ' || verdict AS compared,
    note_words(note) AS note,
    -- Exchanging left and right gives a wrong answer only if the two numbers are clearly different.
    difference > 0.5 * greatest(high_left - low_left, high_right - low_right) AS is_told_apart
FROM sides_compared AS s
JOIN athletes ON athletes.run_id = s.run_id AND athletes.person_id = s.person_id
WHERE high_left > low_left AND high_right > low_right
ORDER BY s.video_id, row_key
