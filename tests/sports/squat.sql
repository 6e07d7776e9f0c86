-- Two squats at 10 frames a second, seen from the side; person 1 stands.
-- Worked out by hand: the hips stand at y 50 and are lowest in frames 12 and 30 (y 80): 30 px, 0.6 of the leg's length. A tenth of that is y 53: the last frame
-- before with less is frame 6 (51), the first one after it frame 17 (50); for the second squat 18 frames later. Descent 0.6 s, ascent 0.5 s, depth
-- 80 - 51 = 29 px = 0.58 m. Left knee 95 and 105 degrees: 100; right 100 and 110: 105; difference 5. Trunk 90 - 60 = 30. Left thigh -5 and 5: 0; right -3 and 7: 2.
-- No knee separation, which side views do not show.

INSERT INTO videos VALUES ('v', 'squat.mp4', 10);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 44 AS last_frame_idx, 0 AS first_time_s,
    4.4 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS person_id, 0 AS first_frame_idx, 44 AS last_frame_idx, 0 AS first_time_s,
    4.4 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO kinematics BY NAME FROM moving(
    0, 'mid_hip',
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    [50, 50, 50, 50, 50, 50, 51, 55, 62, 70, 76, 78, 80, 76, 70, 62, 54, 50, 50, 50, 50, 50, 50, 50, 51, 55, 62, 70, 76, 78, 80, 76, 70, 62, 54, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    10.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'neck',
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    [20, 20, 20, 20, 20, 20, 21, 25, 32, 40, 46, 48, 50, 46, 40, 32, 24, 20, 20, 20, 20, 20, 20, 20, 21, 25, 32, 40, 46, 48, 50, 46, 40, 32, 24, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20],
    10.0
);
INSERT INTO kinematics BY NAME FROM resting(1, 'mid_hip', 50, 50, 45, 10.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'neck', 50, 20, 45, 10.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'left_ankle', 50, 95, 45, 10.0);
INSERT INTO kinematics BY NAME FROM resting(0, 'right_ankle', 50, 95, 45, 10.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'left_ankle', 50, 95, 45, 10.0);
INSERT INTO kinematics BY NAME FROM resting(1, 'right_ankle', 50, 95, 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 10], [12, 95], [13, 60], [16, 10], [30, 105], [31, 60], [34, 10]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 10], [12, 100], [13, 60], [16, 10], [30, 110], [31, 60], [34, 10]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'knee', 'left', [[0, 10]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(1, 'knee', 'right', [[0, 10]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'hip', 'left', [[0, 5], [12, 110]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'hip', 'right', [[0, 5], [12, 112]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'ankle', 'left', [[0, 0], [12, 20]], 45, 10.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'ankle', 'right', [[0, 0], [12, 22]], 45, 10.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'trunk', 'center', [[0, 90], [12, 60]], 45, 10.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'thigh', 'left', [[0, -90], [12, -5], [14, -90], [30, 5], [32, -90]], 45, 10.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'thigh', 'right', [[0, -90], [12, -3], [14, -90], [30, 7], [32, -90]], 45, 10.0);
