-- metric: shot_release_height
-- what:   the height of the wrist of the shooting hand above the floor at the release
-- grain:  video_id, person_id, side
-- unit:   meters
-- needs:  events, kinematics, landmark_noise, scales, videos
-- source: from the lower foot at the dip to the wrist at the release, along the picture's vertical: correct only if
--         the distance between person and camera does not change. The mean of all attempts; 95 % interval from the
--         spread between attempts, the jitter of foot and wrist, the rise of the wrist within half a frame, and the
--         scale

WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, kind ORDER BY time_s) AS attempt
    FROM events
    WHERE kind IN ('release', 'dip')
),

heights AS (
    SELECT
        up.video_id,
        up.run_id,
        up.person_id,
        up.side,
        max(foot.y_px) - any_value(wrist.y_px) AS height_px,
        sqrt(
            2 * pow(coalesce(any_value(noise.clean_jitter_px), 0), 2)
            + pow(coalesce(any_value(wrist.velocity_y_px_s), 0) / any_value(videos.fps) / sqrt(12), 2)
        ) AS noise_px
    FROM numbered AS up
    JOIN videos ON videos.video_id = up.video_id
    JOIN numbered AS down
        ON down.run_id = up.run_id AND down.person_id = up.person_id AND down.attempt = up.attempt AND down.kind = 'dip'
    JOIN kinematics AS wrist
        ON wrist.run_id = up.run_id AND wrist.person_id = up.person_id AND wrist.frame_idx = up.frame_idx
        AND wrist.point = up.side || '_wrist'
    JOIN kinematics AS foot
        ON foot.run_id = up.run_id AND foot.person_id = up.person_id AND foot.frame_idx = down.frame_idx
        AND foot.point IN ('left_heel', 'right_heel', 'left_foot_index', 'right_foot_index')
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = up.run_id AND noise.person_id = up.person_id AND noise.landmark = up.side || '_wrist'
    WHERE up.kind = 'release' AND foot.quality >= 0.5
    GROUP BY up.video_id, up.run_id, up.person_id, up.side, up.attempt
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        side,
        avg(height_px) AS mean_px,
        half_width(stddev_samp(height_px), avg(noise_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM heights
    GROUP BY ALL
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'shot_release_height' AS metric,
    side,
    mean_px * meters_per_px AS value,
    mean_px * meters_per_px - sqrt(
        pow(half_width_px * meters_per_px, 2) + pow(mean_px * (meters_per_px_high - meters_per_px_low) / 2, 2)
    ) AS low,
    mean_px * meters_per_px + sqrt(
        pow(half_width_px * meters_per_px, 2) + pow(mean_px * (meters_per_px_high - meters_per_px_low) / 2, 2)
    ) AS high,
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
