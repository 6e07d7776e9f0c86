-- metric: serve_angles
-- what:   serve_knee_flexion of each leg and serve_elbow_flexion of the hitting arm at the trophy position;
--         serve_impact_elbow_flexion of the hitting arm at impact; the mean of all serves
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, joint_angles, facings, videos
-- source: knees in the plane of the picture if the camera sees the person from the side (within 30 degrees), else in
--         space from the world landmarks; elbows always in space (the column note says so). 95 % interval from the
--         spread between serves, the angles' standard errors and the rotation of the joint within half a frame

WITH views AS (
    SELECT *, is_side_view(facing, yaw_deg) AS is_from_side
    FROM facings
),

measured AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        CASE
            WHEN joint = 'knee' THEN 'serve_knee_flexion'
            WHEN events.kind = 'trophy' THEN 'serve_elbow_flexion'
            ELSE 'serve_impact_elbow_flexion'
        END AS metric,
        joint_angles.side,
        joint = 'knee' AND views.is_from_side AS is_from_side,
        CASE WHEN joint = 'knee' AND views.is_from_side THEN angle_2d_deg ELSE angle_3d_deg END AS angle_deg,
        moment_error(
            CASE WHEN joint = 'knee' AND views.is_from_side THEN error_deg ELSE error_3d_deg END,
            velocity_3d_deg_s,
            videos.fps
        ) AS noise_deg
    FROM events
    JOIN videos ON videos.video_id = events.video_id
    JOIN views
        ON views.run_id = events.run_id AND views.person_id = events.person_id
        AND events.frame_idx BETWEEN views.first_frame_idx AND views.last_frame_idx
    JOIN joint_angles
        ON joint_angles.run_id = events.run_id AND joint_angles.person_id = events.person_id
        AND joint_angles.frame_idx = events.frame_idx
        AND (
            (joint_angles.joint = 'knee' AND events.kind = 'trophy')
            OR (joint_angles.joint = 'elbow' AND joint_angles.side = events.side)
        )
    WHERE events.kind IN ('trophy', 'impact') AND joint_angles.quality >= 0.5
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
    CASE WHEN bool_or(NOT is_from_side) THEN 'in space, from one camera' END AS note
FROM measured
WHERE angle_deg IS NOT NULL
GROUP BY video_id, run_id, person_id, metric, side
