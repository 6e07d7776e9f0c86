-- metric: shot_times
-- what:   shot_lift_time from the dip to the set point, and shot_push_time from the set point to the release; the mean
--         of all shots
-- grain:  video_id, person_id, metric
-- unit:   seconds
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between shots and half a frame at each end

SELECT
    video_id,
    run_id,
    person_id,
    'shot_' || phase || '_time' AS metric,
    'none' AS side,
    value,
    low,
    high,
    's' AS unit,
    n
FROM phase_times(['lift', 'push'])
