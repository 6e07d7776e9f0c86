-- metric: kick_knee_extension
-- what:   kick_knee_extension_velocity: the highest extension velocity of the kicking knee between leg cocking and
--         contact with the ball
-- grain:  video_id, person_id, side
-- unit:   degrees per second
-- needs:  events, phases, joint_angles, facings
-- source: in the plane of the picture if the camera sees the person from the side (within 30 degrees), else in space
--         from the world landmarks (the column note says so). Mean of all kicks; 95 % interval from the spread between
--         kicks and the noise of two angles divided by the time between them

WITH views AS (
    SELECT *, is_side_view(facing, yaw_deg) AS is_from_side
    FROM facings
),

turning AS (
    SELECT
        joint_angles.run_id,
        joint_angles.person_id,
        joint_angles.time_s,
        joint_angles.side,
        views.is_from_side,
        -CASE WHEN views.is_from_side THEN velocity_deg_s ELSE velocity_3d_deg_s END AS extension_deg_s,
        CASE WHEN views.is_from_side THEN error_deg ELSE error_3d_deg END AS error_deg,
        quality,
        lead(time_s) OVER series - lag(time_s) OVER series AS interval_s
    FROM joint_angles
    JOIN views
        ON views.run_id = joint_angles.run_id AND views.person_id = joint_angles.person_id
        AND joint_angles.frame_idx BETWEEN views.first_frame_idx AND views.last_frame_idx
    WHERE joint = 'knee'
    WINDOW series AS (PARTITION BY joint_angles.run_id, joint_angles.person_id, side ORDER BY frame_idx)
),

peaks AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        events.side,
        bool_and(is_from_side) AS is_from_side,
        max(extension_deg_s) AS peak_deg_s,
        arg_max(velocity_error(error_deg, extension_deg_s, interval_s), extension_deg_s) AS noise_deg_s
    FROM phases
    JOIN events
        ON events.run_id = phases.run_id AND events.person_id = phases.person_id
        AND events.kind = 'ball_contact' AND events.frame_idx = phases.last_frame_idx
    JOIN turning
        ON turning.run_id = phases.run_id AND turning.person_id = phases.person_id AND turning.side = events.side
        AND turning.time_s BETWEEN phases.first_time_s AND phases.last_time_s
    WHERE phases.phase = 'leg_acceleration' AND quality >= 0.5 AND extension_deg_s IS NOT NULL
    GROUP BY phases.video_id, phases.run_id, phases.person_id, phases.attempt, events.side
)

SELECT
    video_id,
    run_id,
    person_id,
    'kick_knee_extension_velocity' AS metric,
    side,
    unnest(mean_interval(peak_deg_s, noise_deg_s, lowest := 0)),
    'deg/s' AS unit,
    count(*) AS n,
    CASE WHEN bool_or(NOT is_from_side) THEN 'in space, since the view is not from the side' END AS note
FROM peaks
WHERE peak_deg_s > 0
GROUP BY video_id, run_id, person_id, side
