-- metric: kick_times
-- what:   kick_support_time: from the plant of the other foot to contact with the ball; kick_leg_acceleration_time:
--         from leg cocking to contact with the ball; the mean of all kicks
-- grain:  video_id, person_id, metric
-- unit:   seconds
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between kicks and half a frame at each end

SELECT
    video_id,
    run_id,
    person_id,
    'kick_' || phase || '_time' AS metric,
    'none' AS side,
    value,
    low,
    high,
    's' AS unit,
    n
FROM phase_times(['support', 'leg_acceleration'])
