-- metric: stance
-- what:   stance_knee_flexion_peak: the largest knee flexion while the foot is on the floor; duty_factor: the share of
--         the stride in which the foot is on the floor (less than half: running)
-- grain:  video_id, person_id, metric, side
-- unit:   degrees, percent
-- needs:  events, joint_angles, facings, videos
-- source: largest angle between contact and toe-off in the plane of the picture, side views only (within 30 degrees);
--         duty factor as in Alexander 1991 (Energy-saving mechanisms in walking and running). Means over strides; 95 %
--         interval from the spread between strides, the angles' standard errors, half a frame at each end, and, for
--         duty_factor, the errors of contacts and toe-offs (event_error_s), which do not average out. Running strides
--         only: the foot is on the floor for less than half of the stride (duty_factor uses all strides)

WITH knees AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        max(knee.angle_2d_deg) AS value,
        arg_max(knee.error_deg, knee.angle_2d_deg) AS noise
    FROM strides
    JOIN facings
        ON facings.run_id = strides.run_id AND facings.person_id = strides.person_id
        AND strides.start_frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN joint_angles AS knee
        ON knee.run_id = strides.run_id AND knee.person_id = strides.person_id
        AND knee.joint = 'knee' AND knee.side = strides.side
        -- Leaves out the end of stance: shortly before toe-off the knee already bends for the swing.
        AND knee.time_s BETWEEN strides.start_time_s
        AND strides.start_time_s + 0.75 * (strides.toe_off_time_s - strides.start_time_s)
    WHERE is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
        AND is_side_view(facings.facing, facings.yaw_deg)
        AND knee.quality >= 0.5
        AND knee.angle_2d_deg IS NOT NULL
    GROUP BY ALL
),

named AS (
    SELECT video_id, run_id, person_id, 'stance_knee_flexion_peak' AS metric, side, value, noise, 0 AS bias, 'deg' AS unit
    FROM knees
    UNION ALL BY NAME
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        'duty_factor' AS metric,
        side,
        100 * (toe_off_time_s - start_time_s) / (end_time_s - start_time_s) AS value,
        100 / videos.fps / sqrt(6) / (end_time_s - start_time_s) AS noise,
        100 * span_error_s('contact', 'toe_off') / (end_time_s - start_time_s) AS bias,
        '%' AS unit
    FROM strides
    JOIN videos ON videos.video_id = strides.video_id
    WHERE toe_off_time_s IS NOT NULL
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(value, noise, bias := bias)),
    unit,
    count(*) AS n
FROM named
GROUP BY video_id, run_id, person_id, metric, side, unit
