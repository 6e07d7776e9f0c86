-- metric: landing_knee_flexion
-- what:   landing_knee_flexion: the knee flexion when the feet touch the floor; landing_knee_flexion_peak: the largest
--         knee flexion during absorption; the mean of all jumps
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, phases, joint_angles, facings, videos
-- source: in the plane of the picture if the camera sees the person from the side (within 30 degrees), else in space
--         from the world landmarks (the column note says so). DeVita and Skelly 1992 call a landing soft if the
--         largest flexion is more than 90 degrees. 95 % interval from the spread between jumps, the angles' standard
--         errors and, at contact, the rotation of the knee within half a frame

WITH views AS (
    SELECT *, is_side_view(facing, yaw_deg) AS is_from_side
    FROM facings
),

knees AS (
    SELECT
        joint_angles.run_id,
        joint_angles.person_id,
        joint_angles.frame_idx,
        joint_angles.time_s,
        joint_angles.side,
        views.is_from_side,
        CASE WHEN views.is_from_side THEN angle_2d_deg ELSE angle_3d_deg END AS angle_deg,
        CASE WHEN views.is_from_side THEN velocity_deg_s ELSE velocity_3d_deg_s END AS velocity_deg_s,
        CASE WHEN views.is_from_side THEN error_deg ELSE error_3d_deg END AS error_deg
    FROM joint_angles
    JOIN views
        ON views.run_id = joint_angles.run_id AND views.person_id = joint_angles.person_id
        AND joint_angles.frame_idx BETWEEN views.first_frame_idx AND views.last_frame_idx
    WHERE joint = 'knee' AND quality >= 0.5
),

measured AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        'landing_knee_flexion' AS metric,
        knees.side,
        is_from_side,
        angle_deg,
        moment_error(error_deg, velocity_deg_s, videos.fps) AS noise_deg
    FROM events
    JOIN videos ON videos.video_id = events.video_id
    JOIN knees
        ON knees.run_id = events.run_id AND knees.person_id = events.person_id AND knees.frame_idx = events.frame_idx
    WHERE events.kind = 'landing' AND angle_deg IS NOT NULL
    UNION ALL BY NAME
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        'landing_knee_flexion_peak' AS metric,
        knees.side,
        bool_and(is_from_side) AS is_from_side,
        max(angle_deg) AS angle_deg,
        arg_max(error_deg, angle_deg) AS noise_deg
    FROM phases
    JOIN knees
        ON knees.run_id = phases.run_id AND knees.person_id = phases.person_id
        AND knees.frame_idx BETWEEN phases.first_frame_idx AND phases.last_frame_idx
    WHERE phases.phase = 'absorption' AND angle_deg IS NOT NULL
    GROUP BY phases.video_id, phases.run_id, phases.person_id, phases.attempt, knees.side
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(angle_deg, noise_deg)),
    'deg' AS unit,
    count(*) AS n,
    CASE WHEN bool_or(NOT is_from_side) THEN 'in space, since the view is not from the side' END AS note
FROM measured
GROUP BY video_id, run_id, person_id, metric, side
