-- examples: peak_time
-- what:     the time of a peak, and its value
-- grain:    video_id, person_id, metric, side
-- needs:    sure_metrics, athletes, frames
-- run:      by `posekit export-llm`, on the catalog

WITH moments AS (
    SELECT
        *,
        metric_fact(metric, side, value, low, high, unit, result_key) AS peak,
        fact(time_s, NULL, NULL, 's', side, 'time of the ' || metric_words(metric), metric_joint(metric), 'metrics', result_key, 'time_s') AS moment,
        metric_phrase(metric, side) AS phrase,
        CASE side WHEN 'left' THEN 'right' WHEN 'right' THEN 'left' END AS other_side
    FROM sure_metrics
    WHERE value IS NOT NULL AND time_s IS NOT NULL
)

SELECT
    m.result_key AS row_key,
    m.video_id,
    m.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    m.peak,
    m.moment,
    CASE WHEN side.time_s IS NOT NULL THEN side.moment END AS other_moment,
    m.phrase,
    side.phrase AS other_phrase,
    CASE WHEN side.time_s IS NOT NULL THEN CASE WHEN m.time_s < side.time_s THEN 'before' ELSE 'after' END END AS order_word,
    -- The time of the other side is a wrong answer only if the two times differ.
    abs(side.time_s - m.time_s) > 0.1 AS is_elsewhere,
    -- The frame shown at this time, for examples with stills.
    still.frame_idx AS still_frame_idx
FROM moments AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN moments AS side
    ON side.run_id = m.run_id AND side.person_id = m.person_id AND side.metric = m.metric AND side.side = m.other_side
ASOF LEFT JOIN frames AS still
    ON still.run_id = m.run_id AND m.time_s + 1e-6 >= still.time_s
ORDER BY m.video_id, row_key
