-- metric: serve_hand_speed
-- what:   the highest speed of the hitting hand
-- grain:  video_id, person_id, side
-- unit:   meters per second
-- needs:  phases, events, kinematics, landmark_noise, scales
-- source: largest speed in the plane of the picture of the wrist between the trophy position and a tenth of a second
--         after impact; the mean of all attempts. The racket is several times as fast. time_s is the time of the
--         fastest attempt. Movement toward or away from the camera is not measured. 95 % interval from the spread
--         between attempts, the jitter of two positions divided by the time between them, and the scale

WITH serves AS (
    SELECT phases.*, events.side
    FROM phases
    JOIN events
        ON events.run_id = phases.run_id AND events.person_id = phases.person_id
        AND events.kind = 'impact' AND events.frame_idx = phases.last_frame_idx
    WHERE phases.phase = 'acceleration'
)

SELECT
    video_id,
    run_id,
    person_id,
    'serve_hand_speed' AS metric,
    side,
    value,
    low,
    high,
    'm/s' AS unit,
    n,
    time_s,
    scale
FROM peak_speed(serves, 'wrist')
