-- The relations that sport packs read, as tables that a test fills, and macros with which it does so. Run first, after the macros of
-- sql/macros; sql/views/strides.sql and sql/views/body_points.sql after it. Then <sport>.sql, the pack's events (into events), its phases
-- (into phases) and its metrics. <sport>.expected.csv has what must come of it, and nothing else may come of it for a person_id it names:
-- file is the SQL file's name; name is an event's kind, a phase's name with its attempt (swing:1), or a metric; the last column is an event's
-- frame, a phase's first and last frame (8-17), or a metric's value (to a millionth).
-- Everybody is 100 pixels high, legs are 50, and a pixel is 0.02 meters (2 % either way). y grows downward.

CREATE TABLE videos (video_id VARCHAR, name VARCHAR, fps DOUBLE);
CREATE TABLE events (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, person_id SMALLINT, kind VARCHAR, side VARCHAR, frame_idx INTEGER, time_s DOUBLE,
    method VARCHAR, confidence FLOAT
);
CREATE TABLE phases (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, person_id SMALLINT, attempt INTEGER, phase VARCHAR,
    first_frame_idx INTEGER, last_frame_idx INTEGER, first_time_s DOUBLE, last_time_s DOUBLE
);
CREATE TABLE scales (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, person_id SMALLINT, meters_per_px DOUBLE, meters_per_px_low DOUBLE,
    meters_per_px_high DOUBLE, method VARCHAR, height_m FLOAT, height_px FLOAT, leg_length_px FLOAT, floor_angle_deg FLOAT, floor_y_px FLOAT
);
CREATE TABLE facings (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, person_id SMALLINT, first_frame_idx INTEGER, last_frame_idx INTEGER,
    first_time_s DOUBLE, last_time_s DOUBLE, facing VARCHAR, yaw_deg FLOAT
);
CREATE TABLE landmark_noise (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, person_id SMALLINT, landmark_id SMALLINT, landmark VARCHAR, n_frames INTEGER,
    n_interpolated INTEGER, n_corrected INTEGER, n_swapped INTEGER, n_suspected_swaps INTEGER,
    jitter_px FLOAT, jitter_m FLOAT, clean_jitter_px FLOAT, clean_jitter_m FLOAT
);
CREATE TABLE clean_landmarks (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE, person_id SMALLINT, landmark_id SMALLINT,
    landmark VARCHAR, x_px FLOAT, y_px FLOAT, z_px FLOAT, visibility FLOAT, presence FLOAT, world_x_m FLOAT, world_y_m FLOAT,
    world_z_m FLOAT, provenance VARCHAR, error_px FLOAT, error_m FLOAT
);
CREATE TABLE kinematics (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE, person_id SMALLINT, point VARCHAR, x_px FLOAT,
    y_px FLOAT, velocity_x_px_s FLOAT, velocity_y_px_s FLOAT, speed_px_s FLOAT, acceleration_px_s2 FLOAT, speed_m_s FLOAT,
    acceleration_m_s2 FLOAT, error_px FLOAT, quality FLOAT
);
CREATE TABLE joint_angles (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE, person_id SMALLINT, joint VARCHAR, side VARCHAR,
    angle_2d_deg FLOAT, angle_3d_deg FLOAT, velocity_deg_s FLOAT, acceleration_deg_s2 FLOAT, velocity_3d_deg_s FLOAT, error_deg FLOAT, error_3d_deg FLOAT,
    quality FLOAT
);
CREATE TABLE segment_angles (
    video_id VARCHAR, video VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE, person_id SMALLINT, segment VARCHAR, side VARCHAR,
    angle_2d_deg FLOAT, angle_3d_deg FLOAT, velocity_deg_s FLOAT, acceleration_deg_s2 FLOAT, velocity_3d_deg_s FLOAT, error_deg FLOAT, error_3d_deg FLOAT,
    quality FLOAT
);

-- One value a frame: the series lists (first frame, value) pairs; between them the value stays. Frames 0 to n - 1.
CREATE MACRO held(series, n) AS TABLE
    SELECT
        frames.frame_idx,
        list_last(list_filter(series, lambda pair: pair[1] <= frames.frame_idx))[2]::DOUBLE AS value
    FROM range(n) AS frames (frame_idx);

-- Rows of kinematics for a point whose places are listed frame by frame; velocities are differences of the neighbors' places, upward and to
-- the right, as in sql/analysis/kinematics.sql.
CREATE MACRO moving(person, named, xs, ys, fps) AS TABLE
    WITH places AS (
        SELECT unnest(range(len(xs))) AS frame_idx, unnest(xs)::DOUBLE AS x, unnest(ys)::DOUBLE AS y
    )

    SELECT
        'v' AS video_id,
        'r' AS run_id,
        frame_idx,
        frame_idx / fps AS time_s,
        person AS person_id,
        named AS point,
        x AS x_px,
        y AS y_px,
        (lead(x) OVER series - lag(x) OVER series) * fps / 2 AS velocity_x_px_s,
        -(lead(y) OVER series - lag(y) OVER series) * fps / 2 AS velocity_y_px_s,
        distance(lag(x) OVER series, lag(y) OVER series, lead(x) OVER series, lead(y) OVER series) * fps / 2 AS speed_px_s,
        1.0 AS quality
    FROM places
    WINDOW series AS (ORDER BY frame_idx);

-- Rows of kinematics for a point at rest.
CREATE MACRO resting(person, named, x, y, n, fps) AS TABLE
    SELECT
        'v' AS video_id,
        'r' AS run_id,
        frames.frame_idx,
        frames.frame_idx / fps AS time_s,
        person AS person_id,
        named AS point,
        x AS x_px,
        y AS y_px,
        0.0 AS velocity_x_px_s,
        0.0 AS velocity_y_px_s,
        0.0 AS speed_px_s,
        1.0 AS quality
    FROM range(n) AS frames (frame_idx);

-- Rows of joint_angles or segment_angles whose angle, in the plane and in space, follows a series as in held.
CREATE MACRO turning(person, which, sided, series, n, fps) AS TABLE
    SELECT
        'v' AS video_id,
        'r' AS run_id,
        frame_idx,
        frame_idx / fps AS time_s,
        person AS person_id,
        which AS joint,
        which AS segment,
        sided AS side,
        value AS angle_2d_deg,
        value AS angle_3d_deg,
        1.0 AS error_deg,
        1.0 AS error_3d_deg,
        1.0 AS quality
    FROM held(series, n);
