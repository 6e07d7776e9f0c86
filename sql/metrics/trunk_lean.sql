-- metric: trunk_lean
-- what:   the lean of the trunk from the vertical: trunk_lean_mean, and trunk_lean_peak with its time; forward is
--         positive in side views
-- grain:  video_id, person_id, metric
-- unit:   degrees
-- needs:  segment_angles
-- source: 90 degrees minus the angle of the trunk to the horizontal; interval of the mean from its standard error over
--         independent half seconds, of the peak from the standard error of the angle

WITH leans AS (
    SELECT video_id, run_id, person_id, time_s, 90 - angle_2d_deg AS lean_deg, error_deg
    FROM segment_angles
    WHERE segment = 'trunk' AND quality >= 0.5 AND angle_2d_deg IS NOT NULL
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(lean_deg) AS mean_deg,
        1.96 * coalesce(stddev_samp(lean_deg), 0) / sqrt(greatest((max(time_s) - min(time_s)) / 0.5, 1)) AS mean_half_width,
        arg_max(lean_deg, abs(lean_deg)) AS peak_deg,
        arg_max(time_s, abs(lean_deg)) AS peak_time_s,
        1.96 * arg_max(error_deg, abs(lean_deg)) AS peak_half_width,
        count(*) AS n
    FROM leans
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'trunk_lean_mean' AS metric,
    'none' AS side,
    mean_deg AS value,
    mean_deg - mean_half_width AS low,
    mean_deg + mean_half_width AS high,
    'deg' AS unit,
    n,
    NULL::DOUBLE AS time_s
FROM summary
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    person_id,
    'trunk_lean_peak' AS metric,
    'none' AS side,
    peak_deg AS value,
    peak_deg - peak_half_width AS low,
    peak_deg + peak_half_width AS high,
    'deg' AS unit,
    n,
    peak_time_s AS time_s
FROM summary
