-- metric: serve_times
-- what:   serve_acceleration_time: from the trophy position to impact; the mean of all serves
-- grain:  video_id, person_id, metric
-- unit:   seconds
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between serves and half a frame at each end

SELECT
    video_id,
    run_id,
    person_id,
    'serve_' || phase || '_time' AS metric,
    'none' AS side,
    value,
    low,
    high,
    's' AS unit,
    n
FROM phase_times(['acceleration'])
