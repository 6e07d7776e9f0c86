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
        phases.run_id,
        phases.person_id,
        phases.video_id,
        phases.attempt,
        phases.phase,
        last_time_s - first_time_s AS seconds,
        1 / videos.fps / sqrt(6) AS noise_s
    FROM phases
    JOIN videos ON videos.video_id = phases.video_id
),

ratios AS (
    SELECT
        back.video_id,
        back.run_id,
        back.person_id,
        back.seconds / down.seconds AS ratio,
        -- Half a frame at address, at the top (in both times) and at impact.
        back.noise_s / sqrt(2) / down.seconds
        * sqrt(1 + pow(1 + back.seconds / down.seconds, 2) + pow(back.seconds / down.seconds, 2)) AS noise
    FROM times AS back
    JOIN times AS down
        ON down.run_id = back.run_id AND down.person_id = back.person_id AND down.attempt = back.attempt
        AND down.phase = 'downswing'
    WHERE back.phase = 'backswing' AND down.seconds > 0
)

SELECT
    video_id,
    run_id,
    person_id,
    'golf_' || phase || '_time' AS metric,
    'none' AS side,
    value,
    low,
    high,
    's' AS unit,
    n
FROM phase_times(['backswing', 'downswing'])
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    person_id,
    'golf_tempo_ratio' AS metric,
    'none' AS side,
    unnest(mean_interval(ratio, noise, lowest := 0)),
    '1' AS unit,
    count(*) AS n
FROM ratios
GROUP BY video_id, run_id, person_id
