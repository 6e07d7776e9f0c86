-- check:  frames_are_contiguous
-- what:   every decoded frame has exactly one row: frame numbers have no gaps and no duplicates
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

SELECT video_id, run_id, format('frame {} follows frame {}', frame_idx, previous) AS problem
FROM (
    SELECT video_id, run_id, frame_idx, lag(frame_idx) OVER (PARTITION BY run_id ORDER BY frame_idx) AS previous
    FROM frames
)
WHERE frame_idx <> previous + 1
ORDER BY ALL;
