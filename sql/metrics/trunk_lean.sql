-- metric: trunk_lean
-- what:   the lean of the trunk from the vertical: trunk_lean_mean, and trunk_lean_peak, the largest lean to whatever
--         side, with its time. In side views a forward mean is positive. In views from the front and the back the mean
--         is positive, too. The column note names the side if the interval excludes zero
-- grain:  video_id, person_id, metric
-- unit:   degrees
-- needs:  segment_angles, facings
-- source: 90 degrees minus the angle of the trunk to the horizontal; interval of the mean from its standard error over
--         independent half seconds and the mean standard error of the angle, of the peak from the standard error of the
--         angle

WITH leans AS (
    SELECT
        angles.video_id,
        angles.run_id,
        angles.person_id,
        time_s,
        wrap_deg(90 - angle_2d_deg, 0, 360) AS lean_deg,
        error_deg,
        facing IN ('front', 'back') AS is_sideways
    FROM segment_angles AS angles
    JOIN facings
        ON facings.run_id = angles.run_id AND facings.person_id = angles.person_id
        AND angles.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    WHERE segment = 'trunk' AND angle_2d_deg IS NOT NULL
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(is_sideways::DOUBLE) > 0.5 AS is_sideways,
        avg(lean_deg) AS mean_deg,
        1.96 * sqrt(
            pow(coalesce(stddev_samp(lean_deg), 0), 2) / greatest((max(time_s) - min(time_s)) / 0.5, 1)
            + pow(avg(error_deg), 2)
        ) AS mean_half_width,
        arg_max(lean_deg, abs(lean_deg)) AS peak_deg,
        arg_max(time_s, abs(lean_deg)) AS peak_time_s,
        1.96 * arg_max(error_deg, abs(lean_deg)) AS peak_half_width,
        count(*) AS n
    FROM leans
    GROUP BY ALL
),

named AS (
    SELECT
        *,
        unnest([
            {'metric': 'trunk_lean_mean', 'lean_deg': mean_deg, 'half_width': mean_half_width, 'time_s': NULL,
                'value': CASE WHEN is_sideways THEN abs(mean_deg) ELSE mean_deg END},
            {'metric': 'trunk_lean_peak', 'lean_deg': peak_deg, 'half_width': peak_half_width, 'time_s': peak_time_s,
                'value': abs(peak_deg)}
        ], recursive := true)
    FROM summary
),

judged AS (
    SELECT *, coalesce(abs(lean_deg) > half_width, false) AS is_sure
    FROM named
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'none' AS side,
    value,
    value - half_width AS low,
    value + half_width AS high,
    'deg' AS unit,
    n,
    time_s,
    -- Clauses, because texts say them after "mind that".
    CASE
        WHEN is_sideways AND is_sure THEN 'the trunk leans sideways, to the ' || CASE WHEN lean_deg > 0 THEN 'left' ELSE 'right' END
        WHEN is_sideways THEN 'the trunk leans sideways, by too little to tell to which side'
        WHEN NOT is_sure THEN 'the trunk leans too little to tell forward from backward'
        WHEN lean_deg < 0 THEN 'the trunk leans backward'
    END AS note
FROM judged
