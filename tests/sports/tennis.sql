-- A serve with the right hand at 20 frames a second; person 1 throws up both arms at once, which is no serve.
-- Worked out by hand: the right wrist is fastest in frame 20: (20 - (-25)) px / 0.1 s = 450 px/s, 4.5 heights a second (frame 21: 350). It is highest in
-- frame 22, y -35, 45 px above the head; the left wrist is at 40, below the head. The left wrist is highest in frame 14 (y -5, above the neck).
-- Acceleration (22 - 14) / 20 = 0.4 s. Angles as they are in frames 14 and 22. The wrist is 98 - (-35) = 133 px = 2.66 m above the lower foot.
-- Hand 450 px/s = 9 m/s. Trunk, arm, forearm, hand turn fastest in frames 17, 19, 20, 21: 0.25, 0.15, 0.1, 0.05 s before impact. Person 1: while one wrist
-- is highest, the other one is too, so it is not below the head.

INSERT INTO videos VALUES ('v', 'tennis.mp4', 20);
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
INSERT INTO kinematics BY NAME FROM resting(0, 'left_heel', 50, 97, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_heel', 50, 98, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'left_foot_index', 50, 96, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_foot_index', 50, 95, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'head', 50, 10, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'neck', 50, 20, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'mid_hip', 50, 50, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_heel', 50, 97, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_heel', 50, 98, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_foot_index', 50, 96, 31, 20.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_foot_index', 50, 95, 31, 20.0);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_wrist',
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 50, 38, 25, 12, 0, -5, -3, 5, 12, 18, 25, 32, 38, 40, 40, 40, 40, 40, 40, 40, 40, 40],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_wrist',
    [45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45],
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 42, 30, 27, 25, 25, 25, 20, 0, -25, -35, -28, -15, 0, 15, 30, 45, 55, 55],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'left_wrist',
    [60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60],
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 42, 30, 27, 25, 25, 25, 20, 0, -25, -35, -28, -15, 0, 15, 30, 45, 55, 55],
    20.0
);
INSERT INTO kinematics BY NAME FROM moving(
    1, 'right_wrist',
    [45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45, 45],
    [55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 55, 42, 30, 27, 25, 25, 25, 20, 0, -25, -35, -28, -15, 0, 15, 30, 45, 55, 55],
    20.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 10], [14, 60], [15, 40]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 10], [14, 50], [15, 40]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'right', [[0, 30], [14, 100], [15, 90], [22, 20]], 31, 20.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'elbow', 'left', [[0, 5]], 31, 20.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'trunk', 'center', [[0, 10]], 31, 20.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'arm', 'right', [[0, 10]], 31, 20.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'forearm', 'right', [[0, 10]], 31, 20.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'hand', 'right', [[0, 10]], 31, 20.0);
UPDATE segment_angles SET velocity_deg_s = CASE
    WHEN segment = 'trunk' AND frame_idx = 17 THEN 200
    WHEN segment = 'arm' AND frame_idx = 19 THEN -500
    WHEN segment = 'forearm' AND frame_idx = 20 THEN 900
    WHEN segment = 'hand' AND frame_idx = 21 THEN 1200
    ELSE 10
END;
