-- view:   sides_compared
-- what:   comparison of left and right for every metric that both sides have, with the interval of the difference:
--         like metric_sides, for texts
-- grain:  video_id, person_id, metric
-- units:  the unit of the metric
-- values: side_greater is the side with the greater value (left if the values are equal); difference is the value of
--         that side minus the value of the other side, never negative; low and high are the ends of the 95 % interval
--         of difference; verdict is differs, within_uncertainty if the difference could be noise, or far_side if it is
--         larger but one side is away from the camera and hidden, so it is an estimate; far_side is that side, else
--         NULL
-- run:    in any DuckDB client, after metrics.sql, far_sides.sql and macros

CREATE OR REPLACE VIEW sides_compared AS
SELECT
    l.video_id,
    l.video,
    l.run_id,
    l.person_id,
    l.metric,
    l.value AS value_left,
    l.low AS low_left,
    l.high AS high_left,
    r.value AS value_right,
    r.low AS low_right,
    r.high AS high_right,
    CASE WHEN l.value >= r.value THEN 'left' ELSE 'right' END AS side_greater,
    abs(r.value - l.value) AS difference,
    abs(r.value - l.value) - difference_half_width(l.low, l.high, r.low, r.high) AS low,
    abs(r.value - l.value) + difference_half_width(l.low, l.high, r.low, r.high) AS high,
    l.unit,
    sides_verdict(verdict_of(l.value, l.low, l.high, r.value, r.low, r.high), far_sides.side) AS verdict,
    far_sides.side AS far_side,
    coalesce(l.note, r.note) AS note,
    l.result_key AS result_key_left,
    r.result_key AS result_key_right,
    concat_ws('/', 'sides_compared', l.video_id, l.person_id, l.metric) AS result_key
FROM metrics AS l
JOIN metrics AS r ON r.run_id = l.run_id AND r.person_id = l.person_id AND r.metric = l.metric
LEFT JOIN far_sides
    ON far_sides.video_id = l.video_id AND far_sides.run_id = l.run_id AND far_sides.person_id = l.person_id
    AND far_sides.limb = limb_of(l.metric)
WHERE l.side = 'left' AND r.side = 'right' AND l.value IS NOT NULL AND r.value IS NOT NULL;
