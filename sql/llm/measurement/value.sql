-- examples: value
-- what:     the value of one metric of one person, to be picked from a list of metrics with similar names
-- grain:    video_id, person_id, metric, side
-- needs:    sure_metrics, athletes
-- run:      by `posekit export-llm`, on the catalog

-- Words are computed once for each metric, not for each row.
WITH joints AS MATERIALIZED (
    SELECT metric, metric_joint(metric) AS joint
    FROM (SELECT DISTINCT metric FROM sure_metrics)
),

others AS MATERIALIZED (
    SELECT
        *,
        -- The same metric of the joint that is most easily confused with this joint.
        replace(metric, joint, CASE joint
            WHEN 'knee' THEN 'hip' WHEN 'hip' THEN 'knee' WHEN 'ankle' THEN 'knee' WHEN 'elbow' THEN 'shoulder' WHEN 'shoulder' THEN 'elbow'
            WHEN 'wrist' THEN 'elbow' WHEN 'thigh' THEN 'shank' WHEN 'shank' THEN 'thigh' WHEN 'forearm' THEN 'arm' WHEN 'arm' THEN 'forearm'
        END) AS other_metric
    FROM joints
),

names AS MATERIALIZED (
    SELECT
        *,
        metric_words(metric) AS words,
        metric_words(other_metric) AS other_words,
        regexp_matches(metric, 'trunk_lean|dorsiflexion|strike_angle|thigh_angle|height_difference|separation$') AS has_sign
    FROM others
),

measured AS (
    SELECT
        m.*,
        fact(value, low, high, unit, side, words, joint, 'metrics', result_key, 'value') AS answer,
        CASE side WHEN 'left' THEN 'right' WHEN 'right' THEN 'left' END AS other_side,
        CASE WHEN side IN ('left', 'right') THEN side || ' ' || words ELSE words END AS phrase,
        names.* EXCLUDE (metric),
        row_number() OVER (PARTITION BY run_id, person_id ORDER BY metric, side) - 1 AS place
    FROM sure_metrics AS m
    JOIN names USING (metric)
    WHERE value IS NOT NULL AND unit <> '%' AND low < high
),

-- Sorting lists of small structs takes one sixth of the time of list(answer ORDER BY place).
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
    -- Gives wrong answers only if they are really wrong: the other side or joint has a different value, and the
    -- interval is not empty.
    CASE WHEN abs(side.value - m.value) > 0.5 * (m.high - m.low) THEN side.side || ' ' || m.words END AS other_side_phrase,
    CASE
        WHEN (abs(joint.value - m.value) > 0.5 * (m.high - m.low)) IS NOT TRUE THEN NULL
        WHEN m.side IN ('left', 'right') THEN m.side || ' ' || m.other_words
        ELSE m.other_words
    END AS other_joint_phrase,
    m.high - m.low > 0.01 * abs(m.value) AND m.low < m.value AND m.value < m.high AS has_interval,
    m.low > 0 AND m.has_sign AS has_sign
FROM measured AS m
JOIN lists ON lists.run_id = m.run_id AND lists.person_id = m.person_id AND lists.block = m.place // 6
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN metrics AS side
    ON side.run_id = m.run_id AND side.person_id = m.person_id AND side.metric = m.metric AND side.side = m.other_side
LEFT JOIN metrics AS joint
    ON joint.run_id = m.run_id AND joint.person_id = m.person_id AND joint.metric = m.other_metric AND joint.side = m.side
    AND joint.metric <> m.metric
ORDER BY m.video_id, row_key
