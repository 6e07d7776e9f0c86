-- metric: running_trunk_lean
-- what:   the forward lean of the trunk while the person runs
-- grain:  video_id, person_id
-- unit:   degrees
-- needs:  events, segment_angles, facings
-- source: 90 degrees minus the angle of the trunk to the horizontal, side views only (within 30 degrees): the mean of
--         each stride, and of all strides. 95 % interval from the spread between strides and the angles' standard
--         errors, whose noise neighboring frames share. Running strides only: the foot is on the floor for less than
--         half of the stride

WITH leans AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        avg(90 - trunk.angle_2d_deg) AS lean_deg,
        avg(trunk.error_deg) AS noise_deg
    FROM strides
    JOIN facings
        ON facings.run_id = strides.run_id AND facings.person_id = strides.person_id
        AND strides.start_frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN segment_angles AS trunk
        ON trunk.run_id = strides.run_id AND trunk.person_id = strides.person_id AND trunk.segment = 'trunk'
        AND trunk.frame_idx BETWEEN strides.start_frame_idx AND strides.end_frame_idx
    WHERE is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
        AND is_side_view(facings.facing, facings.yaw_deg) AND trunk.quality >= 0.5 AND trunk.angle_2d_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'running_trunk_lean' AS metric,
    'none' AS side,
    unnest(mean_interval(lean_deg, noise_deg)),
    'deg' AS unit,
    count(*) AS n
FROM leans
GROUP BY video_id, run_id, person_id
