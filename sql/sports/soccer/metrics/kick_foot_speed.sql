-- metric: kick_foot_speed
-- what:   the highest speed of the kicking foot
-- grain:  video_id, person_id, side
-- unit:   meters per second
-- needs:  phases, events, kinematics, landmark_noise, scales
-- source: largest speed in the plane of the picture of the tip of the foot between leg cocking and a tenth of a second
--         after contact with the ball; the mean of all attempts. time_s is the time of the fastest attempt. Movement
--         toward or away from the camera is not measured. 95 % interval from the spread between attempts, the jitter
--         of two positions divided by the time between them, and the scale

WITH kicks AS (
    SELECT phases.*, events.side
    FROM phases
    JOIN events
        ON events.run_id = phases.run_id AND events.person_id = phases.person_id
        AND events.kind = 'ball_contact' AND events.frame_idx = phases.last_frame_idx
    WHERE phases.phase = 'leg_acceleration'
)

SELECT
    video_id,
    run_id,
    person_id,
    'kick_foot_speed' AS metric,
    side,
    value,
    low,
    high,
    'm/s' AS unit,
    n,
    time_s,
    scale
FROM peak_speed(kicks, 'foot_index')
