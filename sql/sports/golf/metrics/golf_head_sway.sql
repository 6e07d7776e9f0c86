-- metric: golf_head_sway
-- what:   the sideways range of the head between address and impact
-- grain:  video_id, person_id
-- unit:   meters
-- needs:  phases, kinematics, landmark_noise, scales
-- source: range of the middle of the ears along the picture's horizontal. In views from the front it is sway along the
--         target line; in views from behind it is movement toward the ball. Mean of all swings. 95 % interval from the
--         spread between swings, the jitter of the ears at both ends, and the scale

WITH swings AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        max(head.x_px) - min(head.x_px) AS sway_px
    FROM phases
    JOIN kinematics AS head
        ON head.run_id = phases.run_id AND head.person_id = phases.person_id AND head.point = 'head'
        AND head.frame_idx BETWEEN phases.first_frame_idx AND phases.last_frame_idx
    WHERE phases.phase IN ('backswing', 'downswing') AND head.quality >= 0.5
    GROUP BY ALL
),

summary AS (
    SELECT
        swings.video_id,
        swings.run_id,
        swings.person_id,
        avg(sway_px) AS mean_px,
        half_width(stddev_samp(sway_px), any_value(noise.clean_jitter_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM swings
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = swings.run_id AND noise.person_id = swings.person_id AND noise.landmark = 'left_ear'
    GROUP BY swings.video_id, swings.run_id, swings.person_id
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'golf_head_sway' AS metric,
    'none' AS side,
    unnest(scaled_interval(mean_px, half_width_px, scales, lowest := 0)),
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
