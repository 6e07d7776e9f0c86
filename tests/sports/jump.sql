-- A jump, and another one 0.2 s after it, at 20 frames a second, seen from the front. Take-offs and landings are given: frames 20, 30, 34, 42.
-- Worked out by hand: the center of mass is lowest before the first take-off in frame 16, between the jumps in frame 32, after the second in frame 46. The
-- countermovement is 60 - 40 = 20 px = 0.4 m and takes (20 - 16) / 20 = 0.2 s to take-off; the second jump follows a landing and has none. Contact 0.2 s, then a
-- flight of 0.4 s: 9.80665 x 0.16 / 8 = 0.196133 m, by 0.2 s 0.980665 m/s. Knees 20 and 30 degrees at landing: 25; at most 60 and 80: 70. Knees 20 px apart, ankles 25 px:
-- 80 %.

INSERT INTO videos VALUES ('v', 'jump.mp4', 20);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 54 AS last_frame_idx, 0 AS first_time_s,
    2.7 AS last_time_s, 'front' AS facing, 0 AS yaw_deg;
INSERT INTO events BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, kind, side, frame_idx, frame_idx / 20.0 AS time_s, 'hand' AS method, 1 AS confidence
FROM (VALUES ('take_off', 'both', 20), ('landing', 'both', 30), ('take_off', 'both', 34), ('landing', 'both', 42)) AS made (kind, side, frame_idx);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'center_of_mass',
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    [40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 40, 45, 45, 55, 55, 60, 55, 50, 50, 40, 40, 30, 30, 30, 20, 20, 20, 30, 30, 40, 48, 52, 48, 40, 40, 40, 40, 30, 30, 30, 30, 40, 40, 50, 50, 58, 55, 55, 55, 40, 40, 40, 40, 40],
    20.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 10], [16, 90], [20, 5], [30, 20], [32, 60], [33, 40], [34, 5], [42, 30], [46, 80], [47, 60]], 55, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 10], [16, 90], [20, 5], [30, 20], [32, 60], [33, 40], [34, 5], [42, 30], [46, 80], [47, 60]], 55, 20.0);
INSERT INTO clean_landmarks BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 30 AS frame_idx, 1.5 AS time_s, 0 AS person_id, landmark, x_px, y_px, world_x_m, 0 AS world_y_m, world_z_m, 1 AS visibility
FROM (VALUES
    ('left_knee', 60, 70, 0, 0),
    ('right_knee', 40, 70, 0, 0),
    ('left_ankle', 62.5, 95, 0, 0),
    ('right_ankle', 37.5, 95, 0, 0)
) AS made (landmark, x_px, y_px, world_x_m, world_z_m);
INSERT INTO clean_landmarks BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 42 AS frame_idx, 2.1 AS time_s, 0 AS person_id, landmark, x_px, y_px, world_x_m, 0 AS world_y_m, world_z_m, 1 AS visibility
FROM (VALUES
    ('left_knee', 60, 70, 0, 0),
    ('right_knee', 40, 70, 0, 0),
    ('left_ankle', 62.5, 95, 0, 0),
    ('right_ankle', 37.5, 95, 0, 0)
) AS made (landmark, x_px, y_px, world_x_m, world_z_m);
