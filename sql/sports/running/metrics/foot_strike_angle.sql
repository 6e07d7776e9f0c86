-- metric: foot_strike_angle
-- what:   angle of the foot to the floor when the foot touches the floor: positive if the heel comes first
-- grain:  video_id, person_id, side
-- unit:   degrees
-- needs:  events, segment_angles, facings, videos
-- source: angle of the foot at contact minus its median over the middle third of the same stance, when the foot is
--         flat on the floor. The difference makes the tilt of the camera and the positions of the landmarks on the
--         shoe irrelevant. Side views only (within 30 degrees); mean over strides. Altman and Davis 2012 (Gait Posture
--         35(2):298-300) call more than 8 degrees a rearfoot strike, less than -1.6 a forefoot strike. 95 % interval
--         from the spread between strides, the angles' standard errors and the rotation of the foot within half a
--         frame. Running strides only: the foot is on the floor for less than half of the stride

WITH feet AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        max(foot.angle_2d_deg) FILTER (foot.frame_idx = strides.start_frame_idx) - median(foot.angle_2d_deg) FILTER (
            foot.time_s BETWEEN start_time_s + (toe_off_time_s - start_time_s) / 3
            AND start_time_s + (toe_off_time_s - start_time_s) * 2 / 3
        ) AS angle_deg,
        sqrt(
            2 * pow(max(foot.error_deg) FILTER (foot.frame_idx = strides.start_frame_idx), 2)
            + pow(coalesce(max(abs(foot.velocity_deg_s)) FILTER (foot.frame_idx = strides.start_frame_idx), 0)
                / any_value(videos.fps) / sqrt(12), 2)
        ) AS noise_deg
    FROM strides
    JOIN videos ON videos.video_id = strides.video_id
    JOIN facings
        ON facings.run_id = strides.run_id AND facings.person_id = strides.person_id
        AND strides.start_frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN segment_angles AS foot
        ON foot.run_id = strides.run_id AND foot.person_id = strides.person_id
        AND foot.segment = 'foot' AND foot.side = strides.side
        AND foot.frame_idx BETWEEN strides.start_frame_idx AND strides.toe_off_frame_idx
    WHERE is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
        AND is_side_view(facings.facing, facings.yaw_deg) AND foot.quality >= 0.5
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'foot_strike_angle' AS metric,
    side,
    unnest(mean_interval(angle_deg, noise_deg)),
    'deg' AS unit,
    count(*) AS n
FROM feet
WHERE angle_deg IS NOT NULL
GROUP BY video_id, run_id, person_id, side
