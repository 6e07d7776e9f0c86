-- metric: golf_tempo
-- what:   golf_backswing_time, golf_downswing_time, and golf_tempo_ratio: backswing time divided by downswing time;
--         the mean of all swings
-- grain:  video_id, person_id, metric
-- unit:   seconds; 1 for the ratio
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between swings and half a frame at each end. Both times
--         share the top: an error there makes one time longer and the other shorter

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
    SELECT video_id, run_id, person_id, 'golf_' || phase || '_time' AS metric, seconds AS value, noise_s AS noise, 's' AS unit
    FROM times
    WHERE phase IN ('backswing', 'downswing')
    UNION ALL BY NAME
    SELECT
        back.video_id,
        back.run_id,
        back.person_id,
        'golf_tempo_ratio' AS metric,
        back.seconds / down.seconds AS value,
        -- Half a frame at address, at the top (in both times) and at impact.
        back.noise_s / sqrt(2) / down.seconds
        * sqrt(1 + pow(1 + back.seconds / down.seconds, 2) + pow(back.seconds / down.seconds, 2)) AS noise,
        '1' AS unit
    FROM times AS back
    JOIN times AS down
        ON down.run_id = back.run_id AND down.person_id = back.person_id AND down.attempt = back.attempt AND down.phase = 'downswing'
    WHERE back.phase = 'backswing' AND down.seconds > 0
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
