-- view:   poses
-- what:   one row per person and frame: a column for each coordinate of each landmark (nose_x_px, ...
--         right_foot_index_world_z_m) and the box around the landmarks that are within the picture (presence of at
--         least a half)
-- grain:  video_id, frame_idx, person_id
-- units:  as in landmarks; box_ in pixels of the displayed picture
-- values: NULL means missing; the box is NULL if no landmark is within the picture
-- run:    in any DuckDB client, after landmarks.sql

CREATE OR REPLACE VIEW poses AS
WITH wide AS (
    PIVOT (
        SELECT
            video_id, video, run_id, frame_idx, time_s, person_id, landmark,
            x_px, y_px, z_px, visibility, presence, world_x_m, world_y_m, world_z_m
        FROM landmarks
    )
    ON landmark IN (
        'nose', 'left_eye_inner', 'left_eye', 'left_eye_outer', 'right_eye_inner', 'right_eye',
        'right_eye_outer', 'left_ear', 'right_ear', 'mouth_left', 'mouth_right', 'left_shoulder',
        'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist', 'left_pinky',
        'right_pinky', 'left_index', 'right_index', 'left_thumb', 'right_thumb', 'left_hip', 'right_hip',
        'left_knee', 'right_knee', 'left_ankle', 'right_ankle', 'left_heel', 'right_heel', 'left_foot_index',
        'right_foot_index'
    )
    USING
        first(x_px) AS x_px,
        first(y_px) AS y_px,
        first(z_px) AS z_px,
        first(visibility) AS visibility,
        first(presence) AS presence,
        first(world_x_m) AS world_x_m,
        first(world_y_m) AS world_y_m,
        first(world_z_m) AS world_z_m
    GROUP BY video_id, video, run_id, frame_idx, time_s, person_id
),

boxes AS (
    SELECT
        run_id,
        frame_idx,
        person_id,
        min(x_px) AS box_left_px,
        min(y_px) AS box_top_px,
        max(x_px) AS box_right_px,
        max(y_px) AS box_bottom_px
    FROM landmarks
    WHERE presence >= 0.5
    GROUP BY run_id, frame_idx, person_id
)

SELECT
    wide.*,
    boxes.box_left_px,
    boxes.box_top_px,
    boxes.box_right_px,
    boxes.box_bottom_px
FROM wide
LEFT JOIN boxes USING (run_id, frame_idx, person_id);
