-- metric: countermovement
-- what:   countermovement_depth: the descent of the center of mass before take-off; push_off_time: from the lowest
--         position to take-off; the mean of all jumps
-- grain:  video_id, person_id, metric
-- unit:   meters, seconds
-- needs:  phases, kinematics, landmark_noise, scales, videos
-- source: the descent begins at the highest position within 1.5 seconds before the lowest one, if the person stands
--         there and did not just land; jumps that follow a landing within this time have no row. 95 % interval from
--         the spread between jumps, jitter of the hips, half a frame at each end, the error of take-offs
--         (event_error_s), and the scale

WITH pushes AS (
    SELECT
        push_off.video_id,
        push_off.run_id,
        push_off.person_id,
        push_off.attempt,
        push_off.last_time_s - push_off.first_time_s AS push_off_s,
        max(body.y_px) FILTER (body.frame_idx = push_off.first_frame_idx) - min(body.y_px) AS depth_px,
        bool_or(before.attempt IS NOT NULL) AS follows_another
    FROM phases AS push_off
    JOIN kinematics AS body
        ON body.run_id = push_off.run_id AND body.person_id = push_off.person_id AND body.point = 'center_of_mass'
        AND body.time_s BETWEEN push_off.first_time_s - 1.5 AND push_off.first_time_s
    LEFT JOIN phases AS before
        ON before.run_id = push_off.run_id AND before.person_id = push_off.person_id AND before.phase = 'flight'
        AND before.attempt = push_off.attempt - 1 AND before.last_time_s > push_off.first_time_s - 1.5
    WHERE push_off.phase = 'push_off'
    GROUP BY ALL
),

summary AS (
    SELECT
        pushes.video_id,
        pushes.run_id,
        pushes.person_id,
        avg(depth_px) AS depth_px,
        half_width(stddev_samp(depth_px), sqrt(2) * any_value(noise.clean_jitter_px), count(*)) AS depth_half_width_px,
        avg(push_off_s) AS push_off_s,
        half_width(stddev_samp(push_off_s), 1 / any_value(videos.fps) / sqrt(6), count(*), bias := event_error_s('take_off')) AS push_off_half_width_s,
        count(*) AS n
    FROM pushes
    JOIN videos ON videos.video_id = pushes.video_id
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = pushes.run_id AND noise.person_id = pushes.person_id AND noise.landmark = 'left_hip'
    WHERE NOT follows_another AND depth_px > 0
    GROUP BY pushes.video_id, pushes.run_id, pushes.person_id
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'countermovement_depth' AS metric,
    'none' AS side,
    unnest(scaled_interval(depth_px, depth_half_width_px, scales, lowest := 0)),
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    person_id,
    'push_off_time' AS metric,
    'none' AS side,
    push_off_s AS value,
    greatest(push_off_s - push_off_half_width_s, 0) AS low,
    push_off_s + push_off_half_width_s AS high,
    's' AS unit,
    n
FROM summary
