-- check:  times_do_not_run_back
-- what:   presentation times never decrease from one frame to the next
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

SELECT video_id, run_id, format('frame {} has the time {} s, earlier than the previous frame', frame_idx, time_s) AS problem
FROM (
    SELECT video_id, run_id, frame_idx, time_s, lag(time_s) OVER (PARTITION BY run_id ORDER BY frame_idx) AS previous_s
    FROM frames
)
WHERE time_s < previous_s OR isnan(time_s)
ORDER BY ALL;
