-- macro:      world_ratios
-- what:       meters of the world landmarks per pixel of the picture: a table with one row for each person, with
--             video_id, run_id, person_id, world_ratio and world_spread, its relative spread between frames. A length
--             in world landmarks times meters_per_px / world_ratio is that of the athlete
-- parameters: clean_landmarks: the name of the relation of that name
-- unit:       meters per pixel; world_spread is a share
-- source:     median over frames of the ratio between the lengths of feet, shanks, thighs and trunk in world landmarks,
--             projected on the plane of the picture, and their lengths in the picture

CREATE OR REPLACE MACRO world_ratios(clean_landmarks := 'clean_landmarks') AS TABLE
WITH bones (a, b) AS (
    VALUES
        ('left_heel', 'left_ankle'), ('right_heel', 'right_ankle'),
        ('left_ankle', 'left_knee'), ('right_ankle', 'right_knee'),
        ('left_knee', 'left_hip'), ('right_knee', 'right_hip'),
        ('left_hip', 'left_shoulder'), ('right_hip', 'right_shoulder')
),

ratios AS (
    SELECT
        a.video_id,
        a.run_id,
        a.person_id,
        a.frame_idx,
        sum(distance(a.world_x_m, a.world_y_m, b.world_x_m, b.world_y_m))
        / nullif(sum(distance(a.x_px, a.y_px, b.x_px, b.y_px)), 0) AS world_ratio
    FROM bones
    JOIN query_table(clean_landmarks) AS a ON a.landmark = bones.a
    JOIN query_table(clean_landmarks) AS b
        ON b.run_id = a.run_id AND b.person_id = a.person_id AND b.frame_idx = a.frame_idx AND b.landmark = bones.b
    WHERE a.x_px IS NOT NULL AND b.x_px IS NOT NULL
    GROUP BY a.video_id, a.run_id, a.person_id, a.frame_idx
    HAVING count(*) = 8
)

SELECT
    video_id,
    run_id,
    person_id,
    median(world_ratio) AS world_ratio,
    mad(world_ratio) / nullif(median(world_ratio), 0) AS world_spread
FROM ratios
GROUP BY video_id, run_id, person_id;
