-- examples: share
-- what:     shares and ratios in percent: of the stride, of the frames, of the other side
-- grain:    video_id, person_id, metric, side
-- needs:    sure_metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH shares AS (
    SELECT
        *,
        metric_fact(metric, side, value, low, high, unit, result_key) AS answer,
        metric_phrase(metric, side) AS phrase,
        CASE side WHEN 'left' THEN 'right' WHEN 'right' THEN 'left' END AS other_side
    FROM sure_metrics
    WHERE value IS NOT NULL AND unit = '%'
),

lists AS (
    SELECT run_id, person_id, list(answer ORDER BY metric, side) AS facts
    FROM shares
    GROUP BY run_id, person_id
)

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    m.answer AS value,
    lists.facts[1:8] AS known,
    m.phrase,
    m.low < m.high AS has_interval,
    note_words(m.note) AS note,
    -- The meaning of the share in words.
    CASE
        WHEN m.metric = 'coverage' AND m.value >= 95 THEN 'The person is found nearly all the time, so the other numbers rest on the whole clip.'
        WHEN m.metric = 'coverage' AND m.value < 80 THEN 'The person is missing from many frames, so the other numbers rest on a part of the clip only.'
        WHEN m.metric = 'duty_factor' AND m.high < 50 THEN 'Each foot is in the air for longer than on the floor, so this is a run.'
        WHEN m.metric = 'duty_factor' AND m.low > 50 THEN 'Each foot is on the floor for longer than in the air, so this is a walk.'
        WHEN m.metric LIKE '%knee_separation' AND m.high < 100 THEN 'In the picture the knees are nearer to each other than the ankles.'
        WHEN m.metric LIKE '%knee_separation' AND m.low > 100 THEN 'In the picture the knees are farther apart than the ankles.'
        WHEN m.metric LIKE 'repetition%variation' THEN 'The smaller it is, the more the repetitions are alike.'
        WHEN m.note LIKE '%an estimate' THEN NULL
        WHEN m.metric = 'step_length_symmetry' AND m.low > 100 THEN 'The steps of the right foot are longer than those of the left.'
        WHEN m.metric = 'step_length_symmetry' AND m.high < 100 THEN 'The steps of the right foot are shorter than those of the left.'
    END AS meaning,
    CASE WHEN abs(side.value - m.value) > 0.5 * (m.high - m.low) THEN side.phrase END AS other_side_phrase,
    CASE
        WHEN m.note LIKE '%an estimate' THEN NULL
        WHEN m.metric = 'step_length_symmetry' AND m.low > 100 THEN 'shorter'
        WHEN m.metric = 'step_length_symmetry' AND m.high < 100 THEN 'longer'
    END AS wrong_way
FROM shares AS m
JOIN lists ON lists.run_id = m.run_id AND lists.person_id = m.person_id
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN shares AS side
    ON side.run_id = m.run_id AND side.person_id = m.person_id AND side.metric = m.metric AND side.side = m.other_side
ORDER BY m.video_id, row_key
