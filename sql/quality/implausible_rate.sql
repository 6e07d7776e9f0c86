-- check:  implausible_rate
-- what:   nobody moves at this rate: somebody runs with too few or too many steps a minute, so the times of the file are
--         not those of the movement (slow motion without a tag, a made-up rate)
-- grain:  one row per violation
-- needs:  events, videos
-- source: runners of all speeds take 140 to 290 steps a minute (Cavanagh and Kram 1989; sprinters); bounding takes 100

WITH runs AS (
    SELECT
        video_id,
        run_id,
        person_id,
        120 / median(end_time_s - start_time_s) AS steps_per_min
    FROM strides
    WHERE is_running(start_time_s, toe_off_time_s, end_time_s)
    GROUP BY video_id, run_id, person_id
)

SELECT
    runs.video_id,
    runs.run_id,
    runs.person_id,
    'warning' AS severity,
    steps_per_min AS value,
    format(
        'runs with {:.0f} steps a minute at {:.4g} frames a second, which nobody does: if the camera took about {:.0f} pictures a second, tell --capture_fps',
        steps_per_min, videos.fps, 10 * round(videos.fps * 165 / steps_per_min / 10)
    ) AS problem
FROM runs
JOIN videos ON videos.video_id = runs.video_id
WHERE steps_per_min NOT BETWEEN 100 AND 320
