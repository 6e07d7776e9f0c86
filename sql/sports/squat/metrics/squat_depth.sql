-- metric: squat_depth
-- what:   the descent of the hips, the mean of all squats
-- grain:  video_id, person_id
-- unit:   meters
-- needs:  phases, kinematics, landmark_noise, scales
-- source: from the beginning of the descent to the bottom, along the picture's vertical. 95 % interval from the
--         spread between squats, the jitter of the hips at both ends, and the scale

WITH ways AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        bottom.y_px - top.y_px AS way_px,
        sqrt(2) * noise.clean_jitter_px AS noise_px
    FROM phases
    JOIN kinematics AS top
        ON top.run_id = phases.run_id AND top.person_id = phases.person_id
        AND top.frame_idx = phases.first_frame_idx AND top.point = 'mid_hip'
    JOIN kinematics AS bottom
        ON bottom.run_id = phases.run_id AND bottom.person_id = phases.person_id
        AND bottom.frame_idx = phases.last_frame_idx AND bottom.point = 'mid_hip'
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = phases.run_id AND noise.person_id = phases.person_id AND noise.landmark = 'left_hip'
    WHERE phases.phase = 'descent'
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(way_px) AS mean_px,
        half_width(stddev_samp(way_px), avg(noise_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM ways
    GROUP BY ALL
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'squat_depth' AS metric,
    'none' AS side,
    unnest(scaled_interval(mean_px, half_width_px, scales, lowest := 0)),
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
