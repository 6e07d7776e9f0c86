-- metric: golf_lead_arm
-- what:   golf_lead_arm_flexion: the elbow flexion of the lead arm at the top of the backswing
-- grain:  video_id, person_id, side
-- unit:   degrees
-- needs:  events, joint_angles
-- source: in space from the world landmarks, because the arm at the top does not lie in the plane of the picture. The
--         lead arm is the arm with the smaller mean elbow flexion over all tops (the other arm folds). Mean of all
--         swings; 95 % interval from the spread between swings and the angles' standard errors

WITH elbows AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        joint_angles.side,
        avg(angle_3d_deg) AS mean_deg,
        half_width(stddev_samp(angle_3d_deg), avg(error_3d_deg), count(*)) AS half_width,
        count(*) AS n
    FROM events
    JOIN joint_angles
        ON joint_angles.run_id = events.run_id AND joint_angles.person_id = events.person_id
        AND joint_angles.frame_idx = events.frame_idx AND joint_angles.joint = 'elbow'
    WHERE events.kind = 'top_of_backswing' AND angle_3d_deg IS NOT NULL
    GROUP BY ALL
),

lead_arms AS (
    FROM elbows
    QUALIFY row_number() OVER (PARTITION BY run_id, person_id ORDER BY mean_deg) = 1
        AND count(*) OVER (PARTITION BY run_id, person_id) = 2
)

SELECT
    video_id,
    run_id,
    person_id,
    'golf_lead_arm_flexion' AS metric,
    side,
    mean_deg AS value,
    greatest(mean_deg - half_width, 0) AS low,
    mean_deg + half_width AS high,
    'deg' AS unit,
    n,
    'in space, from one camera' AS note
FROM lead_arms
