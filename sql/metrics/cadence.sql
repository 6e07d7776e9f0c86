-- metric: cadence
-- what:   steps per minute of walking and running
-- grain:  video_id, person_id
-- unit:   steps per minute
-- needs:  events, videos
-- source: two steps per stride; the mean over strides of both feet. 95 % interval from the spread between strides and
--         half a frame at each end

WITH rates AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        120 / (end_time_s - start_time_s) AS cadence,
        120 / pow(end_time_s - start_time_s, 2) / videos.fps / sqrt(6) AS noise
    FROM strides
    JOIN videos ON videos.video_id = strides.video_id
)

SELECT
    video_id,
    run_id,
    person_id,
    'cadence' AS metric,
    'both' AS side,
    unnest(mean_interval(cadence, noise)),
    '1/min' AS unit,
    count(*) AS n
FROM rates
GROUP BY video_id, run_id, person_id
