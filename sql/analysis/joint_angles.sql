-- relation: joint_angles
-- what:     angles of the joints over time, in the plane of the picture and in space
-- grain:    video_id, frame_idx, person_id, joint, side
-- unit:     degrees, degrees per second, degrees per second squared; quality 0..1
-- needs:    clean_landmarks, landmark_noise, facings
-- source:   definitions of Sports2D 0.8 (table of joint angles). Differences: mirroring follows the side toward the
--           camera over a whole stretch of time, not frame by frame; the left wrist is treated like the right one;
--           each angle has its own range; in side views, an angle that no joint can have is NULL. 3D angles from
--           BlazePose's world landmarks are unsigned

WITH definitions (joint, from_u, to_u, from_v, to_v, offset_deg, sign, offset_3d_deg, sign_3d) AS (
    VALUES
        ('ankle', 'S_knee', 'S_ankle', 'S_foot_index', 'S_heel', 90, 1, 90, -1),
        ('knee', 'S_knee', 'S_ankle', 'S_knee', 'S_hip', -180, 1, 180, -1),
        ('hip', 'S_knee', 'S_hip', 'mid_hip', 'neck', 0, -1, 0, 1),
        ('shoulder', 'S_elbow', 'S_shoulder', 'mid_hip', 'neck', 0, -1, 0, 1),
        ('elbow', 'S_elbow', 'S_wrist', 'S_elbow', 'S_shoulder', 180, -1, 180, -1),
        ('wrist', 'S_wrist', 'S_elbow', 'S_wrist', 'S_index', -180, 1, 180, -1)
),

-- What joints can do in a side view, with room for noise and oblique views. The ranges of the knee and the elbow are
-- -15 to 165 degrees. Arms go all the way round. In views from the front and the back, the plane of the picture is not
-- that of flexion, so a joint may be bent to either side.
ranges (joint, lowest_deg, highest_deg) AS (
    VALUES
        ('ankle', -80, 60), ('knee', -30, 180), ('hip', -90, 170), ('shoulder', -120, 240), ('elbow', -30, 180),
        ('wrist', -110, 110)
),

-- Mirrors x so that flexion is positive for both facing directions.
mirrors (facing, side, mirror) AS (
    VALUES
        ('right', 'left', 1), ('right', 'right', 1),
        ('left', 'left', -1), ('left', 'right', -1),
        ('front', 'left', 1), ('front', 'right', -1),
        ('back', 'left', -1), ('back', 'right', 1)
),

joints AS (
    SELECT
        definitions.* REPLACE (
            replace(from_u, 'S_', side || '_') AS from_u,
            replace(to_u, 'S_', side || '_') AS to_u,
            replace(from_v, 'S_', side || '_') AS from_v,
            replace(to_v, 'S_', side || '_') AS to_v
        ),
        side
    FROM definitions
    CROSS JOIN (VALUES ('left'), ('right')) AS sides (side)
),

directions AS (
    SELECT
        p.video_id,
        p.run_id,
        p.frame_idx,
        p.time_s,
        p.person_id,
        joints.joint,
        joints.side,
        joints.offset_deg,
        joints.sign,
        joints.offset_3d_deg,
        joints.sign_3d,
        joints.from_u = joints.from_v AS has_common_vertex,
        q.x_px - p.x_px AS ux,
        q.y_px - p.y_px AS uy,
        s.x_px - r.x_px AS vx,
        s.y_px - r.y_px AS vy,
        angle_3d_deg(
            q.world_x_m - p.world_x_m, q.world_y_m - p.world_y_m, q.world_z_m - p.world_z_m,
            s.world_x_m - r.world_x_m, s.world_y_m - r.world_y_m, s.world_z_m - r.world_z_m
        ) AS between_3d_deg,
        rotation_error_deg(
            p.error_m, q.error_m, r.error_m, s.error_m,
            q.world_x_m - p.world_x_m, q.world_y_m - p.world_y_m, q.world_z_m - p.world_z_m,
            s.world_x_m - r.world_x_m, s.world_y_m - r.world_y_m, s.world_z_m - r.world_z_m,
            joints.from_u = joints.from_v
        ) AS error_3d_deg,
        least(p.visibility, q.visibility, r.visibility, s.visibility) AS quality,
        p.error_px AS p_error_px,
        q.error_px AS q_error_px,
        r.error_px AS r_error_px,
        s.error_px AS s_error_px
    FROM joints
    JOIN body_points AS p ON p.point = joints.from_u
    JOIN body_points AS q
        ON q.run_id = p.run_id AND q.person_id = p.person_id AND q.frame_idx = p.frame_idx AND q.point = joints.to_u
    JOIN body_points AS r
        ON r.run_id = p.run_id AND r.person_id = p.person_id AND r.frame_idx = p.frame_idx AND r.point = joints.from_v
    JOIN body_points AS s
        ON s.run_id = p.run_id AND s.person_id = p.person_id AND s.frame_idx = p.frame_idx AND s.point = joints.to_v
),

angles AS (
    SELECT
        directions.video_id,
        directions.run_id,
        directions.frame_idx,
        directions.time_s,
        directions.person_id,
        directions.joint,
        directions.side,
        facings.facing IN ('left', 'right') AS is_from_side,
        CASE WHEN is_from_side OR directions.joint = 'shoulder' THEN (lowest_deg + highest_deg) / 2 ELSE 0 END AS center_deg,
        wrap_deg(
            (mirrors.mirror * signed_angle_deg(ux, uy, vx, vy) + offset_deg) * sign,
            center_deg,
            360
        ) AS wrapped_deg,
        lowest_deg,
        highest_deg,
        offset_3d_deg + sign_3d * between_3d_deg AS angle_3d_deg,
        rotation_error_deg(
            p_error_px, q_error_px, r_error_px, s_error_px, ux, uy, 0, vx, vy, 0, has_common_vertex
        ) AS rotation_deg,
        error_3d_deg,
        quality
    FROM directions
    JOIN facings
        ON facings.run_id = directions.run_id
        AND facings.person_id = directions.person_id
        AND directions.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN mirrors ON mirrors.facing = facings.facing AND mirrors.side = directions.side
    JOIN ranges ON ranges.joint = directions.joint
),

possible AS (
    SELECT
        angles.*,
        CASE WHEN NOT is_from_side OR wrapped_deg BETWEEN lowest_deg AND highest_deg THEN wrapped_deg END AS angle_2d_deg
    FROM angles
)

SELECT
    video_id,
    run_id,
    frame_idx,
    time_s,
    person_id,
    joint,
    side,
    angle_2d_deg,
    angle_3d_deg,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_velocity(
        nearby_deg(lag(angle_2d_deg) OVER series, angle_2d_deg), angle_2d_deg,
        nearby_deg(lead(angle_2d_deg) OVER series, angle_2d_deg),
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS velocity_deg_s,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_acceleration(
        nearby_deg(lag(angle_2d_deg) OVER series, angle_2d_deg), angle_2d_deg,
        nearby_deg(lead(angle_2d_deg) OVER series, angle_2d_deg),
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS acceleration_deg_s2,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_velocity(
        lag(angle_3d_deg) OVER series, angle_3d_deg, lead(angle_3d_deg) OVER series,
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS velocity_3d_deg_s,
    border_error_deg(rotation_deg, angle_2d_deg, center_deg, 360) AS error_deg,
    error_3d_deg,
    quality
FROM possible
WINDOW series AS (PARTITION BY run_id, person_id, joint, side ORDER BY frame_idx)
