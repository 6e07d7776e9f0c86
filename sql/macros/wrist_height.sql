-- macro:      wrist_height
-- what:       the height of a wrist above the floor at an event, the mean of all attempts: a table with one row for
--             each person and side, with video_id, run_id, person_id, side, value, low, high, n and scale
-- parameters: at_event: the kind of the event, whose side is measured; floor_event: the kind of an event of the same
--             attempt at which the feet are on the floor; events, kinematics, landmark_noise, scales, videos: the
--             names of the relations of that name
-- unit:       meters
-- source:     from the lower foot at floor_event to the wrist at at_event, along the picture's vertical: correct only
--             if the distance between person and camera does not change. 95 % interval from the spread between
--             attempts, the jitter of foot and wrist, the rise of the wrist within half a frame, and the scale

CREATE OR REPLACE MACRO wrist_height(
    at_event,
    floor_event,
    events := 'events',
    kinematics := 'kinematics',
    landmark_noise := 'landmark_noise',
    scales := 'scales',
    videos := 'videos'
) AS TABLE
WITH numbered AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, kind ORDER BY time_s) AS attempt
    FROM query_table(events)
    WHERE kind IN (at_event, floor_event)
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
            + pow(coalesce(any_value(wrist.velocity_y_px_s), 0) / any_value(video.fps) / sqrt(12), 2)
        ) AS noise_px
    FROM numbered AS up
    JOIN query_table(videos) AS video ON video.video_id = up.video_id
    JOIN numbered AS down
        ON down.run_id = up.run_id AND down.person_id = up.person_id AND down.attempt = up.attempt
        AND down.kind = floor_event
    JOIN query_table(kinematics) AS wrist
        ON wrist.run_id = up.run_id AND wrist.person_id = up.person_id AND wrist.frame_idx = up.frame_idx
        AND wrist.point = up.side || '_wrist'
    JOIN query_table(kinematics) AS foot
        ON foot.run_id = up.run_id AND foot.person_id = up.person_id AND foot.frame_idx = down.frame_idx
        AND foot.point IN ('left_heel', 'right_heel', 'left_foot_index', 'right_foot_index')
    LEFT JOIN query_table(landmark_noise) AS noise
        ON noise.run_id = up.run_id AND noise.person_id = up.person_id AND noise.landmark = up.side || '_wrist'
    WHERE up.kind = at_event AND foot.quality >= 0.5
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
    side,
    unnest(scaled_interval(mean_px, half_width_px, scale)),
    n,
    scale.method AS scale
FROM summary
JOIN query_table(scales) AS scale ON scale.run_id = summary.run_id AND scale.person_id = summary.person_id
WHERE scale.meters_per_px IS NOT NULL;
