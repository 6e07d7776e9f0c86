-- metric: stride_peaks
-- what:   swing_knee_flexion_peak: the largest knee flexion while the foot is off the floor;
--         stance_hip_extension_peak: the largest extension of the thigh behind the trunk while the foot is on the
--         floor
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, joint_angles, facings
-- source: angles in the plane of the picture, side views only (within 30 degrees); mean over strides. The hip angle is
--         the angle between thigh and trunk: a forward lean of the trunk reduces hip extension. 95 % interval from the
--         spread between strides and the angles' standard errors. Walking strides only: the foot is on the floor for
--         at least half of the stride

WITH angles AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        CASE joint_angles.joint
            WHEN 'knee' THEN 'swing_knee_flexion_peak'
            ELSE 'stance_hip_extension_peak'
        END AS metric,
        CASE joint_angles.joint WHEN 'knee' THEN angle_2d_deg ELSE -angle_2d_deg END AS angle_deg,
        error_deg
    FROM strides
    JOIN facings
        ON facings.run_id = strides.run_id AND facings.person_id = strides.person_id
        AND strides.start_frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN joint_angles
        ON joint_angles.run_id = strides.run_id AND joint_angles.person_id = strides.person_id
        AND joint_angles.side = strides.side
        AND (
            (joint_angles.joint = 'knee' AND joint_angles.time_s BETWEEN strides.toe_off_time_s AND strides.end_time_s)
            OR (joint_angles.joint = 'hip'
                AND joint_angles.time_s BETWEEN strides.start_time_s AND strides.toe_off_time_s)
        )
    WHERE NOT is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
        AND is_side_view(facings.facing, facings.yaw_deg) AND joint_angles.quality >= 0.5 AND angle_2d_deg IS NOT NULL
),

peaks AS (
    SELECT
        video_id,
        run_id,
        person_id,
        side,
        start_frame_idx,
        metric,
        max(angle_deg) AS peak_deg,
        arg_max(error_deg, angle_deg) AS noise_deg
    FROM angles
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(peak_deg, noise_deg)),
    'deg' AS unit,
    count(*) AS n
FROM peaks
GROUP BY video_id, run_id, person_id, metric, side
