-- metric: golf_hand_speed
-- what:   the highest speed of the hands in the downswing
-- grain:  video_id, person_id, side
-- unit:   meters per second
-- needs:  phases, kinematics, landmark_noise, scales
-- source: largest speed in the plane of the picture of each wrist between the top and a tenth of a second after
--         impact; the mean of all attempts. time_s is the time of the fastest attempt. Movement toward or away from
--         the camera is not measured. 95 % interval from the spread between attempts, the jitter of two positions
--         divided by the time between them, and the scale

WITH swings AS (
    SELECT *, 'both' AS side
    FROM phases
    WHERE phase = 'downswing'
)

SELECT
    video_id,
    run_id,
    person_id,
    'golf_hand_speed' AS metric,
    side,
    value,
    low,
    high,
    'm/s' AS unit,
    n,
    time_s,
    scale
FROM peak_speed(swings, 'wrist')
