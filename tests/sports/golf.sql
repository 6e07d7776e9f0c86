-- A golf swing at 10 frames a second: rest until frame 9, up to frame 17, down to frame 19, up again to frame 22; person 1 swings both arms up and
-- down, hands apart, and must not be taken for a golfer.
-- Worked out by hand: the hands' speed is largest in frame 18, (55 - 10) px / 0.2 s = 225 px/s, 2.25 heights a second (frame 20: (55 - 12) / 0.2 = 215).
-- Highest in the 0.8 s before: frame 17 (y 10, above the middle of the trunk, 35). Rest: frame 9 has (55 - 51) / 0.2 = 20 px/s, 0.2 heights a second, which
-- is no rest; frame 8 has 0: address. Back at the place of address (50, 55): frame 19. Highest within 1.5 s after: frame 22.
-- Backswing 1.7 - 0.8 = 0.9 s, downswing 0.2 s, ratio 4.5. The head is between x 46 and 50 from frame 8 to 19: 4 px = 0.08 m (80 comes after
-- impact). Hands 225 px/s x 0.02 = 4.5 m/s. At frame 17 the left elbow is bent by 12 degrees, the right one by 95: left leads. Shoulders point to
-- (0.2, 0.346), hips to (0.2, 0): 60 degrees.

INSERT INTO videos VALUES ('v', 'golf.mp4', 10);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    3 AS last_time_s, 'front' AS facing, 0 AS yaw_deg;
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    3 AS last_time_s, 'front' AS facing, 0 AS yaw_deg;
INSERT INTO kinematics BY NAME FROM resting(0, 'neck', 50, 20, 31, 10.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'mid_hip', 50, 50, 31, 10.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'neck', 50, 20, 31, 10.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'mid_hip', 50, 50, 31, 10.0);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_wrist',
    [51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51, 51],
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 51, 47, 41, 34, 27, 20, 14, 10, 25, 55, 30, 12, 5, 8, 12, 20, 20, 20, 20, 20, 20],
    10.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_wrist',
    [49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49, 49],
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 51, 47, 41, 34, 27, 20, 14, 10, 25, 55, 30, 12, 5, 8, 12, 20, 20, 20, 20, 20, 20],
    10.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'head',
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 48, 46, 46, 48, 48, 50, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80],
    [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10],
    10.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'left_wrist',
    [80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80],
    [55, 55, 55, 55, 55, 55, 55, 55, 40, 20, 0, 20, 40, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55],
    10.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'right_wrist',
    [20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20],
    [55, 55, 55, 55, 55, 55, 55, 55, 40, 20, 0, 20, 40, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55],
    10.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'left', [[0, 5], [17, 12], [18, 8]], 31, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'right', [[0, 10], [17, 95], [18, 60]], 31, 10.0);
INSERT INTO clean_landmarks BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 17 AS frame_idx, 1.7 AS time_s, 0 AS person_id, landmark, x_px, y_px, world_x_m, 0 AS world_y_m, world_z_m, 1 AS visibility
FROM (VALUES
    ('left_shoulder', 60, 20, 0.1, 0.17320508),
    ('right_shoulder', 40, 20, -0.1, -0.17320508),
    ('left_hip', 55, 50, 0.1, 0.0),
    ('right_hip', 45, 50, -0.1, 0.0)
) AS made (landmark, x_px, y_px, world_x_m, world_z_m);
