-- A dataset small enough to be worked out by hand: clip a with two people, of whom person 1 is Anna, and clip b with Anna alone.
-- Person 0 of clip a is seen from the front, so the angles in the picture have a note.

CREATE TABLE videos AS
SELECT * FROM (VALUES
    ('va', 'a.mp4', 'ra', 4.0, 120, 30.0, 1920, 1080),
    ('vb', 'b.mp4', 'rb', 2.0, 60, 30.0, 1280, 720)
) AS t(video_id, name, current_run_id, duration_s, n_frames, fps, width, height);

CREATE TABLE analyses AS
SELECT * FROM (VALUES ('va', 'a.mp4', 'ra', 'walking'), ('vb', 'b.mp4', 'rb', 'squat')) AS t(video_id, video, run_id, sport);

CREATE TABLE athletes AS
SELECT * FROM (VALUES
    ('va', 'a.mp4', 'ra', 0, NULL, 0.0, 4.0),
    ('va', 'a.mp4', 'ra', 1, 'Anna', 1.0, 3.0),
    ('vb', 'b.mp4', 'rb', 0, 'Anna', 0.0, 2.0)
) AS t(video_id, video, run_id, person_id, name, first_time_s, last_time_s);

CREATE TABLE metrics AS
SELECT *, concat_ws('/', 'metrics', video_id, person_id, metric, side) AS result_key FROM (VALUES
    ('va', 'a.mp4', 'ra', 0, 'knee_range_of_motion_2d', 'left', 90.0, 88.0, 92.0, 'deg', 100, NULL, 'seen from the front'),
    ('va', 'a.mp4', 'ra', 0, 'knee_range_of_motion_2d', 'right', 91.0, 89.0, 93.0, 'deg', 100, NULL, 'seen from the front'),
    ('va', 'a.mp4', 'ra', 0, 'knee_range_of_motion_3d', 'left', 70.0, 67.0, 73.0, 'deg', 100, NULL, NULL),
    ('va', 'a.mp4', 'ra', 0, 'knee_range_of_motion_3d', 'right', 72.0, 68.0, 76.0, 'deg', 100, NULL, NULL),
    ('va', 'a.mp4', 'ra', 1, 'knee_range_of_motion_2d', 'left', 60.0, 57.0, 63.0, 'deg', 60, NULL, NULL),
    ('va', 'a.mp4', 'ra', 1, 'knee_range_of_motion_2d', 'right', 50.0, 46.0, 54.0, 'deg', 60, NULL, NULL),
    ('va', 'a.mp4', 'ra', 1, 'knee_range_of_motion_3d', 'left', 55.0, 52.0, 58.0, 'deg', 60, NULL, NULL),
    ('va', 'a.mp4', 'ra', 1, 'cadence', 'both', 100.0, 98.0, 102.0, '1/min', 5, NULL, NULL),
    ('va', 'a.mp4', 'ra', 1, 'wrist_smoothness', 'left', NULL, NULL, NULL, '1', 0, NULL, 'too few frames'),
    ('vb', 'b.mp4', 'rb', 0, 'cadence', 'both', 110.0, 106.0, 114.0, '1/min', 5, NULL, NULL),
    ('va', 'a.mp4', 'ra', 0, 'jump_height_flight', 'both', 0.2, 0.1, 0.3, 'm', 1, 2.0, NULL),
    ('va', 'a.mp4', 'ra', 0, 'coverage', 'none', 100.0, 100.0, 100.0, '%', 120, NULL, NULL)
) AS t(video_id, video, run_id, person_id, metric, side, value, low, high, unit, n, time_s, note);

CREATE TABLE events AS
SELECT *, concat_ws('/', 'events', video_id, person_id, kind, side, frame_idx) AS result_key FROM (VALUES
    ('va', 'a.mp4', 'ra', 1, 'contact', 'left', 30, 1.0, 'kinematic', 1.0),
    ('va', 'a.mp4', 'ra', 1, 'contact', 'right', 48, 1.6, 'kinematic', 1.0),
    ('va', 'a.mp4', 'ra', 1, 'contact', 'left', 63, 2.1, 'kinematic', 1.0),
    ('va', 'a.mp4', 'ra', 1, 'contact', 'right', 84, 2.8, 'kinematic', 1.0)
) AS t(video_id, video, run_id, person_id, kind, side, frame_idx, time_s, method, confidence);

CREATE TABLE repetitions AS
SELECT *, concat_ws('/', 'repetitions', video_id, person_id, repetition) AS result_key FROM (VALUES
    ('vb', 'b.mp4', 'rb', 0, 1, 'squat', 'left_knee_2d', 0.0, 0.4, 80.0, 'deg', 0.4, 0.2, 0.2, 1),
    ('vb', 'b.mp4', 'rb', 0, 2, 'squat', 'left_knee_2d', 0.4, 0.9, 90.0, 'deg', 0.5, 0.2, 0.3, 1),
    ('vb', 'b.mp4', 'rb', 0, 3, 'squat', 'left_knee_2d', 0.9, 1.3, 84.0, 'deg', 0.4, 0.2, 0.2, 1),
    ('vb', 'b.mp4', 'rb', 0, 4, 'squat', 'left_knee_2d', 1.3, 1.9, 86.0, 'deg', 0.6, 0.3, 0.3, 1)
) AS t(video_id, video, run_id, person_id, repetition, exercise, signal, first_time_s, last_time_s, depth, unit, duration_s, outward_s, return_s, n_partial);

CREATE TABLE phases AS
SELECT *, '' AS result_key FROM (VALUES ('vb', 'b.mp4', 'rb', 0, 1, 'descent', 0, 6, 0.0, 0.2), ('vb', 'b.mp4', 'rb', 0, 1, 'ascent', 6, 12, 0.2, 0.4))
    AS t(video_id, video, run_id, person_id, attempt, phase, first_frame_idx, last_frame_idx, first_time_s, last_time_s);

CREATE TABLE joint_angles AS
SELECT
    'va' AS video_id, 'a.mp4' AS video, 'ra' AS run_id, 1 AS person_id, 'knee' AS joint, side, i AS frame_idx, i / 30.0 AS time_s,
    (CASE side WHEN 'left' THEN i ELSE 2 * i END)::DOUBLE AS angle_2d_deg, (i + 5)::DOUBLE AS angle_3d_deg, 1.0 AS error_deg, 1.0 AS error_3d_deg,
    CASE WHEN side = 'right' THEN 0.4 ELSE 0.9 END AS quality
FROM range(30, 91) AS frames(i)
CROSS JOIN (VALUES ('left'), ('right')) AS sides(side);

CREATE TABLE facings AS
SELECT * FROM (VALUES ('va', 'ra', 0, 'front', 0, 120, 0.0), ('va', 'ra', 1, 'right', 30, 90, 90.0), ('vb', 'rb', 0, 'right', 0, 60, 90.0))
    AS t(video_id, run_id, person_id, facing, first_frame_idx, last_frame_idx, yaw_deg);

CREATE TABLE side_views AS
SELECT * FROM (VALUES ('va', 'ra', 0, 0.0, 'seen from the front'), ('va', 'ra', 1, 1.0, NULL), ('vb', 'rb', 0, 1.0, NULL))
    AS t(video_id, run_id, person_id, side_view_share, note);

CREATE TABLE checks AS
SELECT * FROM (VALUES ('va', 'a.mp4', 'ra', 'bone_lengths', 'warning', 1, 40, 1.5, 1.0, 'x'), ('va', 'a.mp4', 'ra', 'bone_lengths', 'warning', 1, 50, 1.7, 1.0, 'x'))
    AS t(video_id, video, run_id, check_name, severity, person_id, frame_idx, time_s, value, problem);
