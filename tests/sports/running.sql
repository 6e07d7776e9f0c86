-- Four steps of a run to the right at 50 frames a second. Contacts and toe-offs are given: left 10, 22, 45; right 28, 40, 63.
-- Worked out by hand: each stride takes 35 frames, 12 of them on the floor: 12 / 35 = 34.285714 %. The center of mass goes between y 46 and 52 in each stride: 6 px =
-- 0.12 m. Left ankle 12 and 14 px ahead of the hips at its contacts: 13 px = 0.26 m; right 10 and 12: 0.22 m. Left knee 15 and 17 degrees at contact: 16; right 17 and
-- 19: 18; at most 42 and 44 in the first three quarters of the stance. Left foot 20 degrees at contact, 5 in the middle third of the stance: 15; right 3 - 5 = -2. Trunk
-- 90 - 82 = 8.

INSERT INTO videos VALUES ('v', 'running.mp4', 50);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 69 AS last_frame_idx, 0 AS first_time_s,
    1.38 AS last_time_s, 'right' AS facing, 90 AS yaw_deg;
INSERT INTO events BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, kind, side, frame_idx, frame_idx / 50.0 AS time_s, 'hand' AS method, 1 AS confidence
FROM (VALUES ('contact', 'left', 10), ('toe_off', 'left', 22), ('contact', 'right', 28), ('toe_off', 'right', 40), ('contact', 'left', 45), ('toe_off', 'left', 57), ('contact', 'right', 63)) AS made (kind, side, frame_idx);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'center_of_mass',
    [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78, 81, 84, 87, 90, 93, 96, 99, 102, 105, 108, 111, 114, 117, 120, 123, 126, 129, 132, 135, 138, 141, 144, 147, 150, 153, 156, 159, 162, 165, 168, 171, 174, 177, 180, 183, 186, 189, 192, 195, 198, 201, 204, 207],
    [50, 50, 50, 50, 50, 50, 52, 52, 52, 52, 52, 52, 49, 49, 49, 49, 49, 49, 46, 46, 46, 46, 46, 46, 50, 50, 50, 50, 50, 50, 52, 52, 52, 52, 52, 52, 49, 49, 49, 49, 49, 49, 46, 46, 46, 46, 46, 46, 50, 50, 50, 50, 50, 50, 52, 52, 52, 52, 52, 52, 49, 49, 49, 49, 49, 49, 46, 46, 46, 46],
    50.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'mid_hip',
    [0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78, 81, 84, 87, 90, 93, 96, 99, 102, 105, 108, 111, 114, 117, 120, 123, 126, 129, 132, 135, 138, 141, 144, 147, 150, 153, 156, 159, 162, 165, 168, 171, 174, 177, 180, 183, 186, 189, 192, 195, 198, 201, 204, 207],
    [50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50],
    50.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'left_ankle',
    [12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 51, 54, 57, 60, 63, 66, 69, 72, 75, 78, 81, 84, 87, 90, 93, 96, 99, 102, 105, 108, 111, 114, 117, 120, 123, 126, 129, 134, 137, 140, 143, 146, 149, 152, 155, 158, 161, 164, 167, 170, 173, 176, 179, 182, 185, 188, 191, 194, 197, 200, 203, 206, 209, 212, 215, 218, 221],
    [95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95],
    50.0
);
INSERT INTO kinematics BY NAME FROM moving(
    0, 'right_ankle',
    [10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46, 49, 52, 55, 58, 61, 64, 67, 70, 73, 76, 79, 82, 85, 88, 91, 94, 97, 100, 103, 106, 109, 112, 115, 118, 121, 124, 127, 130, 133, 136, 139, 142, 145, 148, 151, 154, 157, 162, 165, 168, 171, 174, 177, 180, 183, 186, 189, 192, 195, 198, 201, 204, 207, 210, 213, 216, 219],
    [95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95, 95],
    50.0
);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 40], [10, 15], [11, 30], [16, 42], [17, 35], [20, 50], [30, 100], [45, 17], [46, 30]], 70, 50.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 100], [28, 17], [29, 30], [34, 44], [35, 35], [38, 50], [48, 100], [63, 19], [64, 30]], 70, 50.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'foot', 'left', [[0, 30], [10, 20], [12, 5], [20, -20]], 70, 50.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'foot', 'right', [[0, 30], [28, 3], [30, 5], [38, -20]], 70, 50.0);
INSERT INTO segment_angles BY NAME SELECT * EXCLUDE (joint) FROM turning(0, 'trunk', 'center', [[0, 82]], 70, 50.0);
