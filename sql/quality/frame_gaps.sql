-- check:  frame_gaps
-- what:   the video lacks frames: an interval of more than 2.5 usual intervals at a constant frame rate, or frames
--         that could not be decoded
-- grain:  one row per violation
-- needs:  frames, videos, runs

WITH intervals AS (
    SELECT
        frames.video_id,
        frames.run_id,
        frames.frame_idx,
        frames.time_s,
        frames.time_s - lag(frames.time_s) OVER (PARTITION BY frames.run_id ORDER BY frames.frame_idx) AS interval_s
    FROM frames
),

usual AS (
    SELECT run_id, median(interval_s) AS usual_s
    FROM intervals
    GROUP BY run_id
)

SELECT
    intervals.video_id,
    intervals.run_id,
    'warning' AS severity,
    intervals.frame_idx,
    intervals.time_s,
    interval_s AS value,
    format('{:.3f} s between the previous frame and this frame; usual interval: {:.3f} s', interval_s, usual_s) AS problem
FROM intervals
JOIN usual ON usual.run_id = intervals.run_id
JOIN videos ON videos.video_id = intervals.video_id
WHERE interval_s > 2.5 * usual_s AND NOT coalesce(videos.is_vfr, false)
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    CASE WHEN n_failed + n_missing > 0.05 * (n_frames + n_missing) THEN 'error' ELSE 'warning' END AS severity,
    (n_failed + n_missing)::DOUBLE AS value,
    format('{} frames could not be decoded or analyzed, {} are missing', n_failed, n_missing) AS problem
FROM runs
WHERE n_failed + n_missing > 0 AND run_id IN (SELECT current_run_id FROM videos)
