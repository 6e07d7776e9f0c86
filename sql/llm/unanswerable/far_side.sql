-- examples: far_side
-- what:     a metric of a joint on the side away from the camera: the other side has a value, this side has none
-- grain:    video_id, person_id, metric
-- needs:    metrics, athletes, facings
-- run:      by `posekit export-llm`, on the catalog

WITH seen AS (
    SELECT run_id, person_id, arg_max(facing, {'frames': last_frame_idx - first_frame_idx, 'first': -first_frame_idx}) AS facing
    FROM facings
    GROUP BY run_id, person_id
),

lone AS (
    SELECT m.*, CASE m.side WHEN 'left' THEN 'right' ELSE 'left' END AS missing_side
    FROM metrics AS m
    ANTI JOIN metrics AS other
        ON other.run_id = m.run_id AND other.person_id = m.person_id AND other.metric = m.metric
        AND other.side = CASE m.side WHEN 'left' THEN 'right' ELSE 'left' END
    WHERE m.side IN ('left', 'right') AND m.value IS NOT NULL AND regexp_matches(m.metric, '^(ankle|knee|hip|shoulder|elbow|wrist)_')
)

SELECT
    concat_ws('/', 'far_side', lone.video_id, lone.person_id, lone.metric) AS row_key,
    lone.video_id,
    lone.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    fact(
        NULL, NULL, NULL, unit, missing_side, metric_words(metric), metric_joint(metric), 'metrics',
        concat_ws('/', 'metrics', lone.video_id, lone.person_id, metric, missing_side), 'value'
    ) AS missing,
    metric_fact(metric, side, value, low, high, unit, lone.result_key) AS seen_side,
    metric_phrase(metric, missing_side) AS phrase,
    metric_phrase(metric, side) AS seen_phrase,
    missing_side,
    side AS near_side,
    facing = side AS is_turned_away
FROM lone
JOIN athletes ON athletes.run_id = lone.run_id AND athletes.person_id = lone.person_id
LEFT JOIN seen ON seen.run_id = lone.run_id AND seen.person_id = lone.person_id
ORDER BY lone.video_id, row_key
