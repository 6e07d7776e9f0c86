-- A kick with the right foot at 20 frames a second; person 1 runs, which is no kick.
-- Worked out by hand: the right ankle is fastest in frame 20: (130 - 80) px / 0.1 s = 500 px/s, 5 heights a second (frame 21: 450); the hips have 40 px/s, the
-- left ankle 0. The left ankle has 200 px/s in frame 15 and (110 - 100) / 0.1 = 100 in frame 16, less than a quarter of 500: plant. The right knee is
-- bent most in frame 17, by 95 degrees. Support (20 - 16) / 20 = 0.2 s, leg acceleration 0.15 s. Foot 500 px/s = 10 m/s. Angles as they are in frames 17
-- and 20; trunk 90 - 98 = -8 (backward). Shoulders point to (0.346, 0.2), hips to (0.2, 0): 30 degrees.
-- Person 1: the right ankle has at most (80 - 30) / 0.1 = 500 px/s, but the hips have 200, so that it is 2.5 times as fast only.

INSERT INTO videos VALUES ('v', 'soccer.mp4', 20);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    1.5 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    1.5 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO kinematics BY NAME FROM moving(
    0, 'mid_hip',
    [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 73, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104],
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'neck',
    [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 73, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94, 96, 98, 100, 102, 104],
    [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_ankle',
    [-20, -15, -10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 58, 60, 65, 80, 105, 130, 150, 160, 160, 160, 160, 160, 160, 160, 160],
    [90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_ankle',
    [-50, -40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110],
    [95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_foot_index',
    [-10, -5, 0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 68, 70, 75, 90, 115, 140, 160, 170, 170, 170, 170, 170, 170, 170, 170],
    [92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92, 92],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_foot_index',
    [-40, -30, -20, -10, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120, 120],
    [97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'mid_hip',
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 300],
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'neck',
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 300],
    [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'right_ankle',
    [0, 0, 0, 0, 0, 0, 0, 10, 30, 55, 80, 105, 120, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130, 130],
    [90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'left_ankle',
    [-50, -25, 0, 25, 40, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
    [95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95],
    20.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 30], [16, 80], [17, 95], [18, 85], [19, 60], [20, 40], [21, 15]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 20], [20, 25], [21, 30]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'knee', 'right', [[0, 80]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'knee', 'left', [[0, 20], [20, 25], [21, 30]], 31, 20.0);
UPDATE joint_angles SET velocity_deg_s = CASE frame_idx WHEN 18 THEN -400 WHEN 19 THEN -900 WHEN 20 THEN -700 ELSE 0 END
WHERE person_id = 0 AND side = 'right';
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'trunk', 'center', [[0, 90], [20, 98], [21, 95]], 31, 20.0);
INSERT INTO clean_landmarks BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 17 AS frame_idx, 0.85 AS time_s, 0 AS person_id, landmark, x_px, y_px, world_x_m, 0 AS world_y_m, world_z_m, 1 AS visibility
FROM (VALUES
    ('left_shoulder', 60, 20, 0.17320508, 0.1),
    ('right_shoulder', 40, 20, -0.17320508, -0.1),
    ('left_hip', 55, 50, 0.1, 0.0),
    ('right_hip', 45, 50, -0.1, 0.0)
) AS made (landmark, x_px, y_px, world_x_m, world_z_m);
