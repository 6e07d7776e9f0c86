-- metric: knee_flexion_at_contact
-- what:   the knee flexion when the foot touches the floor
-- grain:  video_id, person_id, side
-- unit:   degrees
-- needs:  events, joint_angles, facings, videos
-- source: angle in the plane of the picture, side views only (within 30 degrees); mean over contacts. 95 % interval
--         from the spread between contacts, the angles' standard errors and the rotation of the knee within half a
--         frame. Running strides only: the foot is on the floor for less than half of the stride

-- Contacts at the start and the end of each running stride.
WITH moments AS (
    SELECT DISTINCT video_id, run_id, person_id, side, unnest([start_frame_idx, end_frame_idx]) AS frame_idx
    FROM strides
    WHERE toe_off_time_s - start_time_s < 0.5 * (end_time_s - start_time_s)
),

contacts AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.side,
        angle_2d_deg AS angle_deg,
        sqrt(pow(error_deg, 2) + pow(coalesce(velocity_deg_s, 0) / videos.fps / sqrt(12), 2)) AS noise_deg
    FROM moments AS events
    JOIN videos ON videos.video_id = events.video_id
    JOIN facings
        ON facings.run_id = events.run_id AND facings.person_id = events.person_id
        AND events.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN joint_angles
        ON joint_angles.run_id = events.run_id AND joint_angles.person_id = events.person_id
        AND joint_angles.frame_idx = events.frame_idx AND joint_angles.joint = 'knee' AND joint_angles.side = events.side
    WHERE facings.facing IN ('left', 'right') AND abs(abs(facings.yaw_deg) - 90) <= 30
        AND joint_angles.quality >= 0.5
        AND angle_2d_deg IS NOT NULL
)

SELECT
    video_id,
    run_id,
    person_id,
    'knee_flexion_at_contact' AS metric,
    side,
    avg(angle_deg) AS value,
    avg(angle_deg) - half_width(stddev_samp(angle_deg), avg(noise_deg), count(*)) AS low,
    avg(angle_deg) + half_width(stddev_samp(angle_deg), avg(noise_deg), count(*)) AS high,
    'deg' AS unit,
    count(*) AS n
FROM contacts
GROUP BY video_id, run_id, person_id, side
