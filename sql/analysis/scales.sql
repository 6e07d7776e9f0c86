-- relation: scales
-- what:     meters per pixel of each person, and the position of the floor
-- grain:    video_id, person_id
-- unit:     meters per pixel; heights in meters and pixels; degrees
-- needs:    analyses, clean_landmarks, joint_angles
-- source:   height in pixels as in Sports2D 0.8: 1.063 (foreshortening) x the mean of the middle half of heel-ankle +
--           ankle-knee + knee-hip + hip-shoulder + 1.5 x mid-shoulder to nose, over frames with hips and knees flexed
--           by less than 90 degrees. For a person who is never upright (macro posture), the lengths are those in space,
--           from world landmarks. If no height is given: the ratio of lengths between the network's world landmarks
--           (projected on the plane of the picture) and lengths in the picture. Intervals: 2 % for a given height, 10
--           % for world landmarks (they describe an average body) and for a person who is never upright, plus the
--           spread between frames

WITH points AS (
    SELECT
        run_id,
        video_id,
        person_id,
        frame_idx,
        landmark,
        x_px,
        y_px,
        world_x_m,
        world_y_m,
        world_z_m
    FROM clean_landmarks
    WHERE x_px IS NOT NULL
),

bones (name, a, b) AS (
    VALUES
        ('foot', 'left_heel', 'left_ankle'), ('foot', 'right_heel', 'right_ankle'),
        ('shank', 'left_ankle', 'left_knee'), ('shank', 'right_ankle', 'right_knee'),
        ('thigh', 'left_knee', 'left_hip'), ('thigh', 'right_knee', 'right_hip'),
        ('trunk', 'left_hip', 'left_shoulder'), ('trunk', 'right_hip', 'right_shoulder'),
        ('head', 'left_shoulder', 'nose'), ('head', 'right_shoulder', 'nose')
),

lengths AS (
    SELECT
        a.video_id,
        a.run_id,
        a.person_id,
        a.frame_idx,
        bones.name,
        CASE WHEN bones.name = 'head'
            THEN distance(avg(a.x_px), avg(a.y_px), avg(b.x_px), avg(b.y_px))
            ELSE avg(distance(a.x_px, a.y_px, b.x_px, b.y_px))
        END AS length_px,
        -- The length in space: a thigh that points at the camera is short in the picture.
        CASE WHEN bones.name = 'head'
            THEN sqrt(
                pow(avg(a.world_x_m - b.world_x_m), 2)
                + pow(avg(a.world_y_m - b.world_y_m), 2)
                + pow(avg(a.world_z_m - b.world_z_m), 2)
            )
            ELSE avg(sqrt(
                pow(a.world_x_m - b.world_x_m, 2)
                + pow(a.world_y_m - b.world_y_m, 2)
                + pow(a.world_z_m - b.world_z_m, 2)
            ))
        END AS world_m
    FROM bones
    JOIN points AS a ON a.landmark = bones.a
    JOIN points AS b
        ON b.run_id = a.run_id AND b.person_id = a.person_id AND b.frame_idx = a.frame_idx AND b.landmark = bones.b
    GROUP BY a.video_id, a.run_id, a.person_id, a.frame_idx, bones.name
    HAVING count(*) = 2
),

flexion AS (
    SELECT run_id, person_id, frame_idx, max(abs(angle_2d_deg)) < 90 AS is_extended
    FROM joint_angles
    WHERE joint IN ('hip', 'knee')
    GROUP BY ALL
),

frames_used AS (
    SELECT
        lengths.video_id,
        lengths.run_id,
        lengths.person_id,
        lengths.frame_idx,
        1.063 * sum(length_px * CASE WHEN name = 'head' THEN 1.5 ELSE 1 END) AS flat_height_px,
        1.063 * sum(world_m * CASE WHEN name = 'head' THEN 1.5 ELSE 1 END) AS world_height_m,
        sum(length_px) FILTER (name IN ('foot', 'shank', 'thigh')) AS flat_leg_px,
        sum(world_m) FILTER (name IN ('foot', 'shank', 'thigh')) AS world_leg_m,
        coalesce(bool_and(is_extended), true) AS is_extended
    FROM lengths
    LEFT JOIN flexion USING (run_id, person_id, frame_idx)
    GROUP BY ALL
    HAVING count(*) = 5
),

worlds AS (
    SELECT run_id, person_id, world_ratio, world_spread
    FROM world_ratios()
),

postures AS (
    SELECT
        frames_used.*,
        worlds.world_ratio,
        coalesce(posture.is_upright, true) OR worlds.world_ratio IS NULL AS is_upright
    FROM frames_used
    LEFT JOIN posture() AS posture USING (run_id, person_id)
    LEFT JOIN worlds USING (run_id, person_id)
),

measured AS (
    SELECT
        * EXCLUDE (is_extended),
        is_extended OR NOT is_upright AS is_extended,
        CASE WHEN is_upright THEN flat_height_px ELSE world_height_m / world_ratio END AS height_px,
        CASE WHEN is_upright THEN flat_leg_px ELSE world_leg_m / world_ratio END AS leg_px
    FROM postures
),

ranked AS (
    SELECT
        *,
        percent_rank() OVER (PARTITION BY run_id, person_id, is_extended ORDER BY height_px) AS height_rank,
        bool_or(is_extended) OVER (PARTITION BY run_id, person_id) AS has_extended
    FROM measured
),

heights AS (
    SELECT
        video_id,
        run_id,
        person_id,
        is_upright,
        avg(height_px) AS height_px,
        avg(leg_px) AS leg_length_px,
        stddev_samp(height_px) / nullif(avg(height_px), 0) / sqrt(count(*)) AS height_spread
    FROM ranked
    WHERE is_extended = has_extended AND height_rank BETWEEN 0.25 AND 0.75
    GROUP BY ALL
),

-- A foot that hardly moves counts as standing on the floor.
feet AS (
    SELECT
        run_id,
        person_id,
        landmark,
        x_px,
        y_px,
        frame_idx,
        distance(x_px, y_px, lag(x_px) OVER foot, lag(y_px) OVER foot) AS step_px,
        lag(frame_idx) OVER foot AS frame_before
    FROM points
    WHERE landmark IN ('left_foot_index', 'right_foot_index', 'left_heel', 'right_heel')
    WINDOW foot AS (PARTITION BY run_id, person_id, landmark ORDER BY frame_idx)
),

stances AS (
    SELECT feet.*, heights.leg_length_px
    FROM feet
    JOIN heights USING (run_id, person_id)
    WHERE step_px < 0.02 * leg_length_px AND frame_idx = frame_before + 1
),

floors AS (
    SELECT
        run_id,
        person_id,
        -- The slope is computed only if the path of the feet is long compared with their noise. A steep slope means a
        -- path toward the camera.
        CASE WHEN max(x_px) - min(x_px) > any_value(leg_length_px) AND abs(regr_slope(y_px, x_px)) < 0.2
            THEN degrees(atan(-regr_slope(y_px, x_px)))
        END AS floor_angle_deg,
        quantile_cont(y_px, 0.75) AS floor_y_px
    FROM stances
    GROUP BY ALL
    HAVING count(*) >= 5
),

given AS (
    SELECT
        run_id,
        person_id,
        coalesce(
            setting(settings, '$.heights_m."' || person_id || '"'),
            CASE WHEN person_id = 0 THEN setting(settings, '$.height_m') END
        ) AS height_m
    FROM heights
    JOIN analyses USING (run_id)
),

scaled AS (
    SELECT
        heights.*,
        given.height_m AS given_m,
        worlds.world_ratio,
        coalesce(given.height_m / nullif(height_px, 0), worlds.world_ratio) AS meters_per_px,
        CASE
            WHEN given.height_m IS NOT NULL THEN 'height'
            WHEN worlds.world_ratio IS NOT NULL THEN 'world'
            ELSE 'none'
        END AS method,
        CASE
            WHEN given.height_m IS NOT NULL
                THEN sqrt(
                    pow(CASE WHEN is_upright THEN 0.02 ELSE 0.1 END, 2) + pow(1.96 * coalesce(height_spread, 0), 2)
                )
            ELSE sqrt(0.1 * 0.1 + pow(1.96 * coalesce(world_spread, 0), 2))
        END AS relative_error
    FROM heights
    JOIN given USING (run_id, person_id)
    LEFT JOIN worlds USING (run_id, person_id)
)

SELECT
    video_id,
    run_id,
    person_id,
    meters_per_px,
    meters_per_px * (1 - relative_error) AS meters_per_px_low,
    meters_per_px * (1 + relative_error) AS meters_per_px_high,
    method,
    coalesce(given_m, world_ratio * height_px) AS height_m,
    height_px,
    leg_length_px,
    floor_angle_deg,
    floor_y_px
FROM scaled
LEFT JOIN floors USING (run_id, person_id)
