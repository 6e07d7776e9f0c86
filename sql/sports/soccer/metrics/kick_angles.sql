-- metric: kick_angles
-- what:   kick_knee_flexion of the kicking leg when it is cocked; kick_contact_knee_flexion of the kicking leg,
--         kick_support_knee_flexion of the other leg and kick_trunk_lean at contact with the ball; the mean of all
--         kicks
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, joint_angles, segment_angles, facings, videos
-- source: in the plane of the picture if the camera sees the person from the side (within 30 degrees), else in space
--         from the world landmarks (the column note says so); in side views a backward lean is negative. 95 % interval
--         from the spread between kicks, the angles' standard errors and the rotation within half a frame

WITH moments AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.kind,
        events.side,
        events.frame_idx,
        videos.fps,
        is_side_view(facings.facing, facings.yaw_deg) AS is_from_side
    FROM events
    JOIN videos ON videos.video_id = events.video_id
    JOIN facings
        ON facings.run_id = events.run_id AND facings.person_id = events.person_id
        AND events.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    WHERE events.kind IN ('leg_cocking', 'ball_contact')
),

measured AS (
    SELECT
        moments.video_id,
        moments.run_id,
        moments.person_id,
        CASE
            WHEN moments.kind = 'leg_cocking' THEN 'kick_knee_flexion'
            WHEN joint_angles.side = moments.side THEN 'kick_contact_knee_flexion'
            ELSE 'kick_support_knee_flexion'
        END AS metric,
        joint_angles.side,
        is_from_side,
        CASE WHEN is_from_side THEN angle_2d_deg ELSE angle_3d_deg END AS angle_deg,
        CASE WHEN is_from_side THEN error_deg ELSE error_3d_deg END AS error_deg,
        CASE WHEN is_from_side THEN velocity_deg_s ELSE velocity_3d_deg_s END / fps / sqrt(12) AS turn_deg
    FROM moments
    JOIN joint_angles
        ON joint_angles.run_id = moments.run_id AND joint_angles.person_id = moments.person_id
        AND joint_angles.frame_idx = moments.frame_idx AND joint_angles.joint = 'knee'
    WHERE joint_angles.quality >= 0.5 AND (moments.kind = 'ball_contact' OR joint_angles.side = moments.side)
    UNION ALL BY NAME
    SELECT
        moments.video_id,
        moments.run_id,
        moments.person_id,
        'kick_trunk_lean' AS metric,
        'none' AS side,
        is_from_side,
        90 - CASE WHEN is_from_side THEN angle_2d_deg ELSE angle_3d_deg END AS angle_deg,
        CASE WHEN is_from_side THEN error_deg ELSE error_3d_deg END AS error_deg,
        velocity_deg_s / fps / sqrt(12) AS turn_deg
    FROM moments
    JOIN segment_angles
        ON segment_angles.run_id = moments.run_id AND segment_angles.person_id = moments.person_id
        AND segment_angles.frame_idx = moments.frame_idx AND segment_angles.segment = 'trunk'
    WHERE segment_angles.quality >= 0.5 AND moments.kind = 'ball_contact'
),

noisy AS (
    SELECT *, sqrt(pow(error_deg, 2) + pow(coalesce(turn_deg, 0), 2)) AS noise_deg
    FROM measured
    WHERE angle_deg IS NOT NULL
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
FROM noisy
GROUP BY video_id, run_id, person_id, metric, side
