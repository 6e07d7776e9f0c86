-- metric: serve_times
-- what:   serve_acceleration_time: from the trophy position to impact; the mean of all serves
-- grain:  video_id, person_id, metric
-- unit:   seconds
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between serves and half a frame at each end

WITH times AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        phases.phase,
        last_time_s - first_time_s AS seconds,
        1 / videos.fps / sqrt(6) AS noise_s
    FROM phases
    JOIN videos ON videos.video_id = phases.video_id
),

named AS (
    SELECT video_id, run_id, person_id, 'serve_' || phase || '_time' AS metric, seconds AS value, noise_s AS noise, 's' AS unit
    FROM times
    WHERE phase IN ('acceleration')
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'none' AS side,
    avg(value) AS value,
    greatest(avg(value) - half_width(stddev_samp(value), avg(noise), count(*)), 0) AS low,
    avg(value) + half_width(stddev_samp(value), avg(noise), count(*)) AS high,
    unit,
    count(*) AS n
FROM named
GROUP BY video_id, run_id, person_id, metric, unit
