-- relation: kinematics
-- what:     position and speed of body points: landmarks, neck, mid_hip and the center of mass
-- grain:    video_id, frame_idx, person_id, point
-- unit:     pixels, pixels per second, meters per second; velocity upward and to the right, over the scene: the motion of
--           the camera is taken out of velocities and accelerations, which are NULL while it is not known
-- needs:    clean_landmarks, landmark_noise, scales, camera_motion, videos
-- source:   center of mass from the segment masses and centers of de Leva 1996 (J Biomech 29(9):1223-1230, mean of
--           women and men). Segments end at joint centers; the trunk goes from neck to mid_hip; the head is at the
--           middle of the ears

WITH segments (distal, proximal, mass, distal_share) AS (
    VALUES
        ('head', 'head', 0.0681, 0.0),
        ('mid_hip', 'neck', 0.4302, 0.4315),
        ('left_elbow', 'left_shoulder', 0.0263, 0.5763), ('right_elbow', 'right_shoulder', 0.0263, 0.5763),
        ('left_wrist', 'left_elbow', 0.0150, 0.4567), ('right_wrist', 'right_elbow', 0.0150, 0.4567),
        ('left_index', 'left_wrist', 0.0058, 0.7645), ('right_index', 'right_wrist', 0.0058, 0.7645),
        ('left_knee', 'left_hip', 0.1447, 0.3854), ('right_knee', 'right_hip', 0.1447, 0.3854),
        ('left_ankle', 'left_knee', 0.0457, 0.4404), ('right_ankle', 'right_knee', 0.0457, 0.4404),
        ('left_foot_index', 'left_heel', 0.0133, 0.4216), ('right_foot_index', 'right_heel', 0.0133, 0.4216)
),

masses AS (
    SELECT
        d.video_id,
        d.run_id,
        d.frame_idx,
        d.time_s,
        d.person_id,
        'center_of_mass' AS point,
        sum(segments.mass * (p.x_px + segments.distal_share * (d.x_px - p.x_px))) / sum(segments.mass) AS x_px,
        sum(segments.mass * (p.y_px + segments.distal_share * (d.y_px - p.y_px))) / sum(segments.mass) AS y_px,
        sum(segments.mass * least(d.visibility, p.visibility)) / sum(segments.mass) AS quality,
        sum(segments.mass * sqrt((d.error_px * d.error_px + p.error_px * p.error_px) / 4)) / sum(segments.mass) AS error_px
    FROM segments
    JOIN body_points AS d ON d.point = segments.distal
    JOIN body_points AS p
        ON p.run_id = d.run_id AND p.person_id = d.person_id AND p.frame_idx = d.frame_idx AND p.point = segments.proximal
    GROUP BY d.video_id, d.run_id, d.frame_idx, d.time_s, d.person_id
    HAVING count(*) = 14
),

places AS (
    SELECT video_id, run_id, frame_idx, time_s, person_id, point, x_px, y_px, visibility AS quality, error_px
    FROM body_points
    UNION ALL BY NAME
    FROM masses
),

neighbors AS (
    SELECT
        *,
        lead(frame_idx) OVER series - lag(frame_idx) OVER series = 2 AS has_neighbors,
        lag(time_s) OVER series AS before_s,
        lead(time_s) OVER series AS after_s,
        lag(x_px) OVER series AS before_x_px,
        lag(y_px) OVER series AS before_y_px,
        lead(x_px) OVER series AS after_x_px,
        lead(y_px) OVER series AS after_y_px
    FROM places
    WINDOW series AS (PARTITION BY run_id, person_id, point ORDER BY frame_idx)
),

steps AS (
    SELECT *
    FROM camera_steps()
),

-- Both neighbors as the camera would have seen them from where it is.
compensated AS (
    SELECT
        neighbors.* EXCLUDE (has_neighbors, before_x_px, before_y_px, after_x_px, after_y_px),
        has_neighbors
            AND (step.run_id IS NULL OR step.shift_x_px IS NOT NULL)
            AND (next.run_id IS NULL OR next.shift_x_px IS NOT NULL) AS has_neighbors,
        coalesce(
            step.center_x_px + step.shift_x_px
                + step.grow * (before_x_px - step.center_x_px) - step.turn * (before_y_px - step.center_y_px),
            before_x_px
        ) AS before_x_px,
        coalesce(
            step.center_y_px + step.shift_y_px
                + step.turn * (before_x_px - step.center_x_px) + step.grow * (before_y_px - step.center_y_px),
            before_y_px
        ) AS before_y_px,
        coalesce(
            next.center_x_px + (
                next.grow * (after_x_px - next.center_x_px - next.shift_x_px)
                + next.turn * (after_y_px - next.center_y_px - next.shift_y_px)
            ) / (next.grow * next.grow + next.turn * next.turn),
            after_x_px
        ) AS after_x_px,
        coalesce(
            next.center_y_px + (
                next.grow * (after_y_px - next.center_y_px - next.shift_y_px)
                - next.turn * (after_x_px - next.center_x_px - next.shift_x_px)
            ) / (next.grow * next.grow + next.turn * next.turn),
            after_y_px
        ) AS after_y_px
    FROM neighbors
    LEFT JOIN steps AS step ON step.run_id = neighbors.run_id AND step.frame_idx = neighbors.frame_idx
    LEFT JOIN steps AS next ON next.run_id = neighbors.run_id AND next.frame_idx = neighbors.frame_idx + 1
),

moving AS (
    SELECT
        *,
        central_velocity(before_x_px, x_px, after_x_px, before_s, time_s, after_s) AS vx,
        -central_velocity(before_y_px, y_px, after_y_px, before_s, time_s, after_s) AS vy,
        central_acceleration(before_x_px, x_px, after_x_px, before_s, time_s, after_s) AS ax,
        central_acceleration(before_y_px, y_px, after_y_px, before_s, time_s, after_s) AS ay
    FROM compensated
)

SELECT
    moving.video_id,
    moving.run_id,
    moving.frame_idx,
    moving.time_s,
    moving.person_id,
    moving.point,
    moving.x_px,
    moving.y_px,
    CASE WHEN has_neighbors THEN vx END AS velocity_x_px_s,
    CASE WHEN has_neighbors THEN vy END AS velocity_y_px_s,
    CASE WHEN has_neighbors THEN sqrt(vx * vx + vy * vy) END AS speed_px_s,
    CASE WHEN has_neighbors THEN sqrt(ax * ax + ay * ay) END AS acceleration_px_s2,
    CASE WHEN has_neighbors THEN sqrt(vx * vx + vy * vy) * scales.meters_per_px END AS speed_m_s,
    CASE WHEN has_neighbors THEN sqrt(ax * ax + ay * ay) * scales.meters_per_px END AS acceleration_m_s2,
    moving.error_px,
    moving.quality
FROM moving
LEFT JOIN scales ON scales.run_id = moving.run_id AND scales.person_id = moving.person_id
