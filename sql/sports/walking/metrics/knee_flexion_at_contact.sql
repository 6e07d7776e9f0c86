-- metric: knee_flexion_at_contact
-- what:   the knee flexion when the foot touches the floor
-- grain:  video_id, person_id, side
-- unit:   degrees
-- needs:  events, joint_angles, facings, videos
-- source: angle in the plane of the picture, side views only (within 30 degrees); mean over contacts. 95 % interval
--         from the spread between contacts, the angles' standard errors and the rotation of the knee within half a
--         frame. Walking strides only: the foot is on the floor for at least half of the stride

SELECT
    video_id,
    run_id,
    person_id,
    'knee_flexion_at_contact' AS metric,
    side,
    value,
    low,
    high,
    'deg' AS unit,
    n
FROM knee_flexion_at_contact(of_running := false)
