-- metric: squat_tempo
-- what:   squat_count, and the mean durations of all squats: squat_descent_time, squat_ascent_time
-- grain:  video_id, person_id, metric
-- unit:   1, seconds
-- needs:  events, phases, videos
-- source: phases of this pack. The count has no uncertainty; other 95 % intervals from the spread between squats and
--         half a frame at each end

SELECT
    video_id,
    run_id,
    person_id,
    'squat_count' AS metric,
    'none' AS side,
    count(*)::DOUBLE AS value,
    count(*)::DOUBLE AS low,
    count(*)::DOUBLE AS high,
    '1' AS unit,
    count(*) AS n
FROM events
WHERE kind = 'bottom'
GROUP BY video_id, run_id, person_id
UNION ALL BY NAME
SELECT
    phases.video_id,
    phases.run_id,
    phases.person_id,
    'squat_' || phase || '_time' AS metric,
    'none' AS side,
    avg(last_time_s - first_time_s) AS value,
    greatest(
        avg(last_time_s - first_time_s)
        - half_width(stddev_samp(last_time_s - first_time_s), 1 / any_value(videos.fps) / sqrt(6), count(*)),
        0
    ) AS low,
    avg(last_time_s - first_time_s)
    + half_width(stddev_samp(last_time_s - first_time_s), 1 / any_value(videos.fps) / sqrt(6), count(*)) AS high,
    's' AS unit,
    count(*) AS n
FROM phases
JOIN videos ON videos.video_id = phases.video_id
WHERE phase IN ('descent', 'ascent')
GROUP BY phases.video_id, phases.run_id, phases.person_id, phase
