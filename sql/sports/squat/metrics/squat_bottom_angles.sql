-- metric: squat_bottom_angles
-- what:   angles at the bottom of the squats, the mean of all: squat_knee_flexion, squat_hip_flexion and
--         squat_ankle_dorsiflexion (side views only, within 30 degrees) of each side; squat_trunk_lean from the
--         vertical; squat_thigh_angle (0 if the thigh is horizontal, positive if the hip is below the knee)
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, joint_angles, segment_angles, facings
-- source: in the plane of the picture if the camera sees the person from the side (within 30 degrees), else in space
--         from the world landmarks (the column note says so; a single camera measures depth least accurately). The
--         technical rules of the International Powerlifting Federation require the hip crease below the top of the
--         knee; the thigh angle between joint centers approximates this. 95 % interval from the spread between squats
--         and the angles' standard errors

WITH bottoms AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.frame_idx,
        is_side_view(facings.facing, facings.yaw_deg) AS is_from_side
    FROM events
    JOIN facings
        ON facings.run_id = events.run_id AND facings.person_id = events.person_id
        AND events.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    WHERE events.kind = 'bottom'
),

angles AS (
    SELECT
        run_id,
        person_id,
        frame_idx,
        'squat_' || joint || CASE joint WHEN 'ankle' THEN '_dorsiflexion' ELSE '_flexion' END AS metric,
        side,
        angle_2d_deg AS side_view_deg,
        -- World landmarks of the foot are too inaccurate for the ankle angle.
        CASE WHEN joint <> 'ankle' THEN angle_3d_deg END AS space_deg,
        error_deg,
        error_3d_deg,
        quality
    FROM joint_angles
    WHERE joint IN ('knee', 'hip', 'ankle')
    UNION ALL BY NAME
    SELECT
        run_id,
        person_id,
        frame_idx,
        'squat_trunk_lean' AS metric,
        'none' AS side,
        90 - angle_2d_deg AS side_view_deg,
        90 - angle_3d_deg AS space_deg,
        error_deg,
        error_3d_deg,
        quality
    FROM segment_angles
    WHERE segment = 'trunk'
    UNION ALL BY NAME
    SELECT
        run_id,
        person_id,
        frame_idx,
        'squat_thigh_angle' AS metric,
        side,
        angle_2d_deg AS side_view_deg,
        angle_3d_deg AS space_deg,
        error_deg,
        error_3d_deg,
        quality
    FROM segment_angles
    WHERE segment = 'thigh'
),

measured AS (
    SELECT
        bottoms.video_id,
        bottoms.run_id,
        bottoms.person_id,
        metric,
        side,
        is_from_side,
        CASE WHEN is_from_side THEN side_view_deg ELSE space_deg END AS angle_deg,
        CASE WHEN is_from_side THEN error_deg ELSE error_3d_deg END AS error_deg
    FROM bottoms
    JOIN angles
        ON angles.run_id = bottoms.run_id AND angles.person_id = bottoms.person_id
        AND angles.frame_idx = bottoms.frame_idx
    WHERE quality >= 0.5
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(angle_deg, error_deg)),
    'deg' AS unit,
    count(*) AS n,
    CASE WHEN bool_or(NOT is_from_side) THEN 'in space, since the view is not from the side' END AS note
FROM measured
WHERE angle_deg IS NOT NULL
GROUP BY video_id, run_id, person_id, metric, side
