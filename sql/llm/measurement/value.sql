-- examples: value
-- what:     one metric of one person, to be read from a list of metrics whose names are near it
-- grain:    video_id, person_id, metric, side
-- needs:    metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH measured AS (
    SELECT
        *,
        metric_fact(metric, side, value, low, high, unit, result_key) AS answer,
        metric_phrase(metric, side) AS phrase,
        CASE side WHEN 'left' THEN 'right' WHEN 'right' THEN 'left' END AS other_side,
        -- The same of the joint that is most easily taken for this one.
        replace(metric, metric_joint(metric), CASE metric_joint(metric)
            WHEN 'knee' THEN 'hip' WHEN 'hip' THEN 'knee' WHEN 'ankle' THEN 'knee' WHEN 'elbow' THEN 'shoulder' WHEN 'shoulder' THEN 'elbow'
            WHEN 'wrist' THEN 'elbow' WHEN 'thigh' THEN 'shank' WHEN 'shank' THEN 'thigh' WHEN 'forearm' THEN 'arm' WHEN 'arm' THEN 'forearm'
        END) AS other_metric,
        row_number() OVER (PARTITION BY run_id, person_id ORDER BY metric, side) - 1 AS place
    FROM metrics
    WHERE value IS NOT NULL AND unit <> '%' AND low < high
),

-- Sorting lists of small structs takes a sixth of the time of list(answer ORDER BY place).
lists AS (
    SELECT
        run_id,
        person_id,
        place // 6 AS block,
        list_transform(list_sort(list({'place': place, 'answer': answer})), lambda one: one.answer) AS facts
    FROM measured
    GROUP BY run_id, person_id, block
)

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    m.answer AS value,
    lists.facts AS known,
    m.phrase,
    note_words(m.note) AS note,
    m.scale = 'world' AS is_body_average,
    -- Wrong answers are only given where they are wrong: the other side or joint has another value, and the interval has a width.
    CASE WHEN abs(side.value - m.value) > 0.5 * (m.high - m.low) THEN metric_phrase(side.metric, side.side) END AS other_side_phrase,
    CASE WHEN abs(joint.value - m.value) > 0.5 * (m.high - m.low) THEN metric_phrase(joint.metric, joint.side) END AS other_joint_phrase,
    m.high - m.low > 0.01 * abs(m.value) AND m.low < m.value AND m.value < m.high AS has_interval,
    m.low > 0 AND regexp_matches(m.metric, 'trunk_lean|dorsiflexion|strike_angle|thigh_angle|height_difference|separation$') AND m.unit <> '%' AS has_sign
FROM measured AS m
JOIN lists ON lists.run_id = m.run_id AND lists.person_id = m.person_id AND lists.block = m.place // 6
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN metrics AS side
    ON side.run_id = m.run_id AND side.person_id = m.person_id AND side.metric = m.metric AND side.side = m.other_side
LEFT JOIN metrics AS joint
    ON joint.run_id = m.run_id AND joint.person_id = m.person_id AND joint.metric = m.other_metric AND joint.side = m.side
    AND joint.metric <> m.metric
ORDER BY m.video_id, row_key
