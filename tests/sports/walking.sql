-- A stride of each foot to the left at 50 frames a second. Contacts and toe-offs are given: left 10, 46, 70; right toe-off 16, contact 40, 76, 100.
-- Worked out by hand: a stride takes 60 frames, 36 of them on the floor: 60 %. Both feet are on it in frames 10 to 16 and 40 to 46 (right: 40 to 46 and 70 to 76): 12 / 60 =
-- 20 %. Left knee 5 and 7 degrees at contact: 6; right 4 and 6: 5; at most 62 and 60 in the swing. Hips -12 and -10 degrees at least in stance: an extension of 12 and 10.

INSERT INTO videos VALUES ('v', 'walking.mp4', 50);
INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px, 0.0196 AS meters_per_px_low,
    0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;
INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 104 AS last_frame_idx, 0 AS first_time_s,
    2.08 AS last_time_s, 'left' AS facing, -90 AS yaw_deg;
INSERT INTO events BY NAME
SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, kind, side, frame_idx, frame_idx / 50.0 AS time_s, 'hand' AS method, 1 AS confidence
FROM (VALUES ('contact', 'left', 10), ('toe_off', 'right', 16), ('contact', 'right', 40), ('toe_off', 'left', 46), ('contact', 'left', 70), ('toe_off', 'right', 76), ('contact', 'right', 100)) AS made (kind, side, frame_idx);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'left', [[0, 10], [10, 5], [11, 15], [46, 40], [55, 62], [56, 50], [70, 7]], 105, 50.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'knee', 'right', [[0, 10], [40, 4], [41, 15], [76, 40], [85, 60], [86, 50], [100, 6]], 105, 50.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'hip', 'left', [[0, 25], [30, 0], [42, -12], [43, -8], [50, 10]], 105, 50.0);
INSERT INTO joint_angles BY NAME SELECT * EXCLUDE (segment) FROM turning(0, 'hip', 'right', [[0, 0], [40, 25], [60, 0], [72, -10], [73, -8], [80, 10]], 105, 50.0);
