-- view:   body_points
-- what:   the points from which angles are computed: landmarks of clean_landmarks, and neck, mid_hip and head, each in
--         the middle of two landmarks
-- grain:  video_id, frame_idx, person_id, point
-- units:  as in clean_landmarks
-- values: visibility of a point between two landmarks is the smaller visibility of the two, 0 if interpolated; error_px
--         and error_m are standard errors along each axis: those of clean_landmarks and the jitter of landmark_noise
-- run:    in any DuckDB client, after clean_landmarks.sql and landmark_noise.sql

CREATE OR REPLACE VIEW body_points AS
WITH roles (point, landmark) AS (
    VALUES
        ('neck', 'left_shoulder'), ('neck', 'right_shoulder'),
        ('mid_hip', 'left_hip'), ('mid_hip', 'right_hip'),
        ('head', 'left_ear'), ('head', 'right_ear')
),

landmarks_used AS (
    SELECT
        clean.video_id,
        clean.run_id,
        clean.frame_idx,
        clean.time_s,
        clean.person_id,
        clean.landmark,
        clean.x_px,
        clean.y_px,
        clean.world_x_m,
        clean.world_y_m,
        clean.world_z_m,
        coalesce(clean.visibility, 0) AS visibility,
        sqrt(pow(coalesce(noise.clean_jitter_px, 0), 2) + pow(coalesce(clean.error_px, 0), 2)) AS error_px,
        sqrt(pow(coalesce(noise.clean_jitter_m, 0), 2) + pow(coalesce(clean.error_m, 0), 2)) AS error_m
    FROM clean_landmarks AS clean
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = clean.run_id
        AND noise.person_id = clean.person_id
        AND noise.landmark = clean.landmark
    WHERE clean.x_px IS NOT NULL
        AND clean.landmark_id IN (0, 7, 8, 11, 12, 13, 14, 15, 16, 19, 20, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32)
)

SELECT video_id, run_id, frame_idx, time_s, person_id, landmark AS point, * EXCLUDE (video_id, run_id, frame_idx, time_s, person_id, landmark)
FROM landmarks_used
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    frame_idx,
    time_s,
    person_id,
    roles.point,
    avg(x_px) AS x_px,
    avg(y_px) AS y_px,
    avg(world_x_m) AS world_x_m,
    avg(world_y_m) AS world_y_m,
    avg(world_z_m) AS world_z_m,
    min(visibility) AS visibility,
    sqrt(sum(error_px * error_px)) / 2 AS error_px,
    sqrt(sum(error_m * error_m)) / 2 AS error_m
FROM landmarks_used
JOIN roles ON roles.landmark = landmarks_used.landmark
GROUP BY video_id, run_id, frame_idx, time_s, person_id, roles.point
HAVING count(*) = 2;
