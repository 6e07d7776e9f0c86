-- metric: golf_tempo
-- what:   golf_backswing_time, golf_downswing_time, and golf_tempo_ratio: backswing time divided by downswing time;
--         the mean of all swings
-- grain:  video_id, person_id, metric
-- unit:   seconds; 1 for the ratio
-- needs:  phases, videos
-- source: phases of this pack. 95 % interval from the spread between swings and half a frame at each end. Both times
--         share the top: an error there makes one time longer and the other shorter

WITH ratios AS (
    SELECT
        back.video_id,
        back.run_id,
        back.person_id,
        (back.last_time_s - back.first_time_s) / (down.last_time_s - down.first_time_s) AS ratio,
        down.last_time_s - down.first_time_s AS down_s,
        1 / videos.fps / sqrt(6) AS noise_s
    FROM phases AS back
    JOIN phases AS down
        ON down.run_id = back.run_id AND down.person_id = back.person_id AND down.attempt = back.attempt
        AND down.phase = 'downswing'
    JOIN videos ON videos.video_id = back.video_id
    WHERE back.phase = 'backswing' AND down.last_time_s > down.first_time_s
),

noisy AS (
    SELECT
        *,
        -- Half a frame at address, at the top (in both times) and at impact.
        noise_s / sqrt(2) / down_s * sqrt(1 + pow(1 + ratio, 2) + pow(ratio, 2)) AS noise
    FROM ratios
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
FROM noisy
GROUP BY video_id, run_id, person_id
