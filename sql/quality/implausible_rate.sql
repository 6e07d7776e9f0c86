-- check:  implausible_rate
-- what:   nobody moves at this rate: somebody runs with too few or too many steps a minute, or too softly, so the times of
--         the file are not those of the movement (slow motion without a tag, a made-up rate)
-- grain:  one row per violation
-- needs:  events, kinematics, videos
-- source: runners of all speeds take 140 to 290 steps a minute (Cavanagh and Kram 1989; sprinters); bounding takes 100. If
--         a foot is on the floor for less than half of a stride, half of the time the body accelerates by 0.4 g and more

WITH running AS (
    SELECT
        video_id,
        run_id,
        person_id,
        120 / median(end_time_s - start_time_s) AS steps_per_min,
        min(start_time_s) AS start_time_s,
        max(end_time_s) AS end_time_s
    FROM strides
    WHERE is_running(start_time_s, toe_off_time_s, end_time_s)
    GROUP BY video_id, run_id, person_id
),

-- Events of slowed running may be wrong, and their times plausible. Accelerations fall with the square of the rate.
accelerating AS (
    SELECT
        running.video_id,
        running.run_id,
        running.person_id,
        median(kinematics.acceleration_m_s2) AS acceleration_m_s2
    FROM running
    JOIN kinematics
        ON kinematics.run_id = running.run_id
        AND kinematics.person_id = running.person_id
        AND kinematics.time_s BETWEEN running.start_time_s AND running.end_time_s
    WHERE kinematics.point = 'center_of_mass'
    GROUP BY running.video_id, running.run_id, running.person_id
),

-- Only where the rate of the file is made up or may be: the scale in meters is not sure.
soft AS (
    SELECT accelerating.*
    FROM accelerating
    JOIN videos ON videos.video_id = accelerating.video_id
    WHERE videos.time_source IN ('header_rate', 'stream_rate')
        AND acceleration_m_s2 < 3.5
)

SELECT
    running.video_id,
    running.run_id,
    running.person_id,
    'warning' AS severity,
    steps_per_min AS value,
    format(
        'runs with {:.0f} steps a minute at {:.4g} frames a second, which nobody does: if the camera took about {:.0f} pictures a second, tell --capture_fps',
        steps_per_min, videos.fps, 10 * round(videos.fps * 165 / steps_per_min / 10)
    ) AS problem
FROM running
JOIN videos ON videos.video_id = running.video_id
WHERE steps_per_min NOT BETWEEN 100 AND 320
UNION ALL
SELECT
    running.video_id,
    running.run_id,
    running.person_id,
    'warning' AS severity,
    acceleration_m_s2 AS value,
    format(
        'runs with accelerations of {:.1f} m/s², too little for running, and the file has a rate ({:.4g} frames a second) but no times: if the camera took more pictures a second, tell --capture_fps',
        acceleration_m_s2, videos.fps
    ) AS problem
FROM running
JOIN soft ON soft.run_id = running.run_id AND soft.person_id = running.person_id
JOIN videos ON videos.video_id = running.video_id
WHERE steps_per_min BETWEEN 100 AND 320
