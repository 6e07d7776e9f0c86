-- relation: segment_angles
-- what:     angles of the body segments to the horizontal over time
-- grain:    video_id, frame_idx, person_id, segment, side
-- unit:     degrees, degrees per second, degrees per second squared; quality 0..1
-- needs:    clean_landmarks, landmark_noise, facings
-- source:   definitions of Sports2D 0.8 (table of segment angles). Differences: in front and back views, pelvis and
--           shoulders are mirrored about the body, not about the left edge of the picture; the head goes from the neck
--           to the middle of the ears

WITH definitions (segment, side, from_point, to_point, period_deg) AS (
    VALUES
        ('foot', 'left', 'left_heel', 'left_foot_index', 360),
        ('foot', 'right', 'right_heel', 'right_foot_index', 360),
        ('shank', 'left', 'left_knee', 'left_ankle', 360),
        ('shank', 'right', 'right_knee', 'right_ankle', 360),
        ('thigh', 'left', 'left_hip', 'left_knee', 360),
        ('thigh', 'right', 'right_hip', 'right_knee', 360),
        ('pelvis', 'center', 'right_hip', 'left_hip', 180),
        ('trunk', 'center', 'mid_hip', 'neck', 360),
        ('shoulders', 'center', 'right_shoulder', 'left_shoulder', 180),
        ('head', 'center', 'neck', 'head', 360),
        ('arm', 'left', 'left_shoulder', 'left_elbow', 360),
        ('arm', 'right', 'right_shoulder', 'right_elbow', 360),
        ('forearm', 'left', 'left_elbow', 'left_wrist', 360),
        ('forearm', 'right', 'right_elbow', 'right_wrist', 360),
        ('hand', 'left', 'left_wrist', 'left_index', 360),
        ('hand', 'right', 'right_wrist', 'right_index', 360)
),

-- Mirrors x so that angles are positive in the direction in which the person faces. Segments that join both sides
-- (side center) are mirrored with the body.
mirrors (facing, side, mirror) AS (
    VALUES
        ('right', 'left', 1), ('right', 'right', 1), ('right', 'center', 1),
        ('left', 'left', -1), ('left', 'right', -1), ('left', 'center', -1),
        ('front', 'left', 1), ('front', 'right', -1), ('front', 'center', 1),
        ('back', 'left', -1), ('back', 'right', 1), ('back', 'center', -1)
),

angles AS (
    SELECT
        p.video_id,
        p.run_id,
        p.frame_idx,
        p.time_s,
        p.person_id,
        definitions.segment,
        definitions.side,
        definitions.period_deg,
        wrap_deg(
            CASE WHEN q.x_px <> p.x_px OR q.y_px <> p.y_px
                THEN degrees(atan2(p.y_px - q.y_px, mirrors.mirror * (q.x_px - p.x_px)))
            END,
            0,
            definitions.period_deg
        ) AS wrapped_deg,
        degrees(atan2(
            p.world_y_m - q.world_y_m,
            sqrt(pow(q.world_x_m - p.world_x_m, 2) + pow(q.world_z_m - p.world_z_m, 2))
        )) AS angle_3d_deg,
        least(90, degrees(sqrt(
            (p.error_px * p.error_px + q.error_px * q.error_px)
            / nullif(pow(q.x_px - p.x_px, 2) + pow(q.y_px - p.y_px, 2), 0)
        ))) AS error_deg,
        least(90, degrees(
            sqrt(p.error_m * p.error_m + q.error_m * q.error_m)
            / nullif(sqrt(
                pow(q.world_x_m - p.world_x_m, 2) + pow(q.world_y_m - p.world_y_m, 2) + pow(q.world_z_m - p.world_z_m, 2)
            ), 0)
        )) AS error_3d_deg,
        least(p.visibility, q.visibility) AS quality
    FROM definitions
    JOIN body_points AS p ON p.point = definitions.from_point
    JOIN body_points AS q
        ON q.run_id = p.run_id AND q.person_id = p.person_id AND q.frame_idx = p.frame_idx
        AND q.point = definitions.to_point
    JOIN facings
        ON facings.run_id = p.run_id
        AND facings.person_id = p.person_id
        AND p.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN mirrors ON mirrors.facing = facings.facing AND mirrors.side = definitions.side
),

-- A step of more than half a period is a wrap-around, not a movement.
steps AS (
    SELECT
        *,
        coalesce(round((wrapped_deg - lag(wrapped_deg) OVER series) / period_deg), 0) AS periods
    FROM angles
    WINDOW series AS (PARTITION BY run_id, person_id, segment, side ORDER BY frame_idx)
),

unwrapped AS (
    SELECT
        *,
        wrapped_deg - period_deg * sum(periods) OVER (
            PARTITION BY run_id, person_id, segment, side ORDER BY frame_idx ROWS UNBOUNDED PRECEDING
        ) AS unwrapped_deg
    FROM steps
),

-- The median of the series decides by how many periods the series is shifted.
centered AS (
    SELECT
        *,
        unwrapped_deg - period_deg * round(
            median(unwrapped_deg) OVER (PARTITION BY run_id, person_id, segment, side) / period_deg
        ) AS angle_2d_deg
    FROM unwrapped
)

SELECT
    video_id,
    run_id,
    frame_idx,
    time_s,
    person_id,
    segment,
    side,
    angle_2d_deg,
    angle_3d_deg,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_velocity(
        lag(angle_2d_deg) OVER series, angle_2d_deg, lead(angle_2d_deg) OVER series,
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS velocity_deg_s,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_acceleration(
        lag(angle_2d_deg) OVER series, angle_2d_deg, lead(angle_2d_deg) OVER series,
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS acceleration_deg_s2,
    CASE WHEN lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 THEN central_velocity(
        lag(angle_3d_deg) OVER series, angle_3d_deg, lead(angle_3d_deg) OVER series,
        lag(time_s) OVER series, time_s, lead(time_s) OVER series
    ) END AS velocity_3d_deg_s,
    error_deg,
    error_3d_deg,
    quality
FROM centered
WINDOW series AS (PARTITION BY run_id, person_id, segment, side ORDER BY frame_idx)
