-- check:  runs_count_their_frames
-- what:   the current run of each video has as many frames, and as many frames with the status failed, as its row in
--         runs says
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH counted AS (
    SELECT run_id, count(*) AS n_frames, count(*) FILTER (status = 'failed') AS n_failed
    FROM frames
    GROUP BY run_id
)

SELECT
    runs.video_id,
    runs.run_id,
    format(
        'the run records {} frames and {} failed ones, but the tables contain {} and {}',
        runs.n_frames, runs.n_failed, coalesce(counted.n_frames, 0), coalesce(counted.n_failed, 0)
    ) AS problem
FROM runs
JOIN videos ON videos.current_run_id = runs.run_id
LEFT JOIN counted ON counted.run_id = runs.run_id
WHERE runs.n_frames <> coalesce(counted.n_frames, 0) OR runs.n_failed <> coalesce(counted.n_failed, 0)
ORDER BY ALL;
