-- view:   metric_sides
-- what:   comparison of left and right for every metric that both sides have, and whether the difference is larger
--         than the uncertainty
-- grain:  video_id, person_id, metric
-- units:  the units of the metric; symmetry_index is 100 * (right - left) / ((right + left) / 2), percent (Robinson et
--         al. 1987)
-- values: verdict is differs, within_uncertainty if the difference could be noise, or far_side if it is larger but one
--         side is away from the camera and hidden, so it is an estimate; far_side is that side, else NULL
-- run:    in any DuckDB client, after metrics.sql, far_sides.sql and macros

CREATE OR REPLACE VIEW metric_sides AS
SELECT
    l.video_id,
    l.video,
    l.run_id,
    l.person_id,
    l.metric,
    l.value AS value_left,
    r.value AS value_right,
    r.value - l.value AS difference,
    symmetry_index(l.value, r.value) AS symmetry_index,
    l.unit,
    sides_verdict(verdict_of(l.value, l.low, l.high, r.value, r.low, r.high), far_sides.side) AS verdict,
    far_sides.side AS far_side,
    concat_ws('/', 'metric_sides', l.video_id, l.person_id, l.metric) AS result_key
FROM metrics AS l
JOIN metrics AS r ON r.run_id = l.run_id AND r.person_id = l.person_id AND r.metric = l.metric
LEFT JOIN far_sides
    ON far_sides.video_id = l.video_id AND far_sides.run_id = l.run_id AND far_sides.person_id = l.person_id
    AND far_sides.limb = limb_of(l.metric)
WHERE l.side = 'left' AND r.side = 'right' AND l.value IS NOT NULL AND r.value IS NOT NULL;
