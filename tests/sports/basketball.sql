-- A jump shot with the right hand at 20 frames a second; person 1 raises both arms straight, which is no shot.
-- Worked out by hand: the right wrist rises fastest in frame 16: (8 - (-12)) px / 0.1 s = 200 px/s, 2 heights a second (frame 11: 180, left wrist at most 180).
-- It is lowest in frame 8 (y 50), 5 px from the left one. From frame 12 on it is above the shoulder (22); the elbow is bent most, by 100 degrees, in frame 13.
-- The first later frame with less than 30 degrees and above the head (10) is frame 17. Lift 0.25 s, push 0.2 s; angles as they are in frames 13
-- and 17, knees in frame 10. The wrist is 98 - (-12) = 110 px = 2.2 m above the lower foot. The center of mass is highest in frame 18: 0.05 s
-- later; it has risen by 55 - 37 = 18 px, more than 5.

INSERT INTO videos VALUES ('v', 'basketball.mp4', 20);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    1.5 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0 AS first_frame_idx, 30 AS last_frame_idx, 0 AS first_time_s,
    1.5 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO kinematics BY NAME FROM resting(0, 'head', 50, 10, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'neck', 50, 20, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'mid_hip', 50, 50, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'left_shoulder', 50, 22, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_shoulder', 50, 22, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'left_heel', 50, 97, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_heel', 50, 98, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'left_foot_index', 50, 96, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_foot_index', 50, 95, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'head', 50, 10, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'neck', 50, 20, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'mid_hip', 50, 50, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_shoulder', 50, 22, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_shoulder', 50, 22, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_heel', 50, 97, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_heel', 50, 98, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_foot_index', 50, 96, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_foot_index', 50, 95, 31, 20.0);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_wrist',
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
    [30, 30, 30, 30, 30, 30, 35, 45, 50, 46, 38, 29, 20, 15, 14, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_wrist',
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55],
    [30, 30, 30, 30, 30, 30, 35, 45, 50, 46, 38, 29, 20, 15, 14, 8, -2, -12, -18, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'center_of_mass',
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 53, 55, 54, 50, 50, 44, 44, 40, 38, 37, 38, 40, 40, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'left_wrist',
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
    [30, 30, 30, 30, 30, 30, 35, 45, 50, 46, 38, 29, 20, 15, 14, 8, -2, -12, -18, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'right_wrist',
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55],
    [30, 30, 30, 30, 30, 30, 35, 45, 50, 46, 38, 29, 20, 15, 14, 8, -2, -12, -18, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20, -20],
    20.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'right', [[0, 60], [13, 100], [14, 95], [15, 75], [16, 50], [17, 28], [18, 15]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'left', [[0, 60]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'elbow', 'right', [[0, 10]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'elbow', 'left', [[0, 10]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'shoulder', 'right', [[0, 20], [17, 130]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 15], [10, 70], [11, 50], [14, 5]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 15], [10, 72], [11, 50], [14, 5]], 31, 20.0);
