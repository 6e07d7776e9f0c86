-- check:  clock_faults
-- what:   times of frames repeat or decrease, or the container has no times
-- grain:  one row per violation
-- needs:  frames, videos

WITH intervals AS (
    SELECT
        video_id,
        run_id,
        frame_idx,
        time_s,
        time_s - lag(time_s) OVER (PARTITION BY run_id ORDER BY frame_idx) AS interval_s
    FROM frames
)

SELECT
    video_id,
    run_id,
    'error' AS severity,
    frame_idx,
    time_s,
    interval_s AS value,
    'the time of this frame is not later than that of the previous frame' AS problem
FROM intervals
WHERE interval_s <= 0
UNION ALL BY NAME
SELECT
    videos.video_id,
    videos.current_run_id AS run_id,
    'warning' AS severity,
    'the video has no timestamps: times are computed from an assumed frame rate (--capture_fps gives it)' AS problem
FROM videos
WHERE videos.time_source = 'stream_rate' AND videos.capture_source IS NULL AND videos.current_run_id IS NOT NULL
