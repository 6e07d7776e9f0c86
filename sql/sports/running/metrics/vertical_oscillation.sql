-- metric: vertical_oscillation
-- what:   the vertical range of the center of mass within a stride
-- grain:  video_id, person_id
-- unit:   meters
-- needs:  events, kinematics, landmark_noise, scales
-- source: highest minus lowest position in each stride along the picture's vertical, minus the rise or fall of the
--         floor during the stride; mean over the strides of both feet. 95 % interval from the spread between strides,
--         the jitter of the hips and the scale. Running strides only: the foot is on the floor for less than half of
--         the stride

WITH slopes AS (
    SELECT
        run_id,
        person_id,
        meters_per_px,
        meters_per_px_low,
        meters_per_px_high,
        method,
        tan(radians(coalesce(floor_angle_deg, 0))) AS slope
    FROM scales
    WHERE meters_per_px IS NOT NULL
),

ranges AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        max(body.y_px + slopes.slope * body.x_px) - min(body.y_px + slopes.slope * body.x_px) AS range_px
    FROM strides
    JOIN slopes ON slopes.run_id = strides.run_id AND slopes.person_id = strides.person_id
    JOIN kinematics AS body
        ON body.run_id = strides.run_id AND body.person_id = strides.person_id AND body.point = 'center_of_mass'
        AND body.frame_idx BETWEEN strides.start_frame_idx AND strides.end_frame_idx
    WHERE is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
    GROUP BY ALL
    -- Leaves out strides with missing frames, for example if the person was hidden.
    HAVING count(*) >= 0.9 * (any_value(strides.end_frame_idx) - strides.start_frame_idx + 1)
),

summary AS (
    SELECT
        ranges.video_id,
        ranges.run_id,
        ranges.person_id,
        avg(range_px) AS mean_px,
        half_width(stddev_samp(range_px), sqrt(2) * any_value(noise.clean_jitter_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM ranges
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = ranges.run_id AND noise.person_id = ranges.person_id AND noise.landmark = 'left_hip'
    GROUP BY ranges.video_id, ranges.run_id, ranges.person_id
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'vertical_oscillation' AS metric,
    'both' AS side,
    unnest(scaled_interval(mean_px, half_width_px, slopes, lowest := 0)),
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN slopes ON slopes.run_id = summary.run_id AND slopes.person_id = summary.person_id
