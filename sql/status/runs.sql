-- query:  runs of videos
-- what:   every run with tables, the newest of each video first, and whether it is the current run, which the views
--         show
-- grain:  run_id
-- units:  from_s, to_s in seconds from the first frame of the video, NULL if the run is not limited; finished_at in
--         UTC
-- run:    in any DuckDB client, on the catalog

SELECT
    videos.name AS video,
    runs.run_id,
    coalesce(runs.run_id = videos.current_run_id, false) AS stands,
    runs.network,
    (runs.settings ->> 'people')::INTEGER AS people,
    (runs.settings ->> 'start_s')::DOUBLE AS from_s,
    (runs.settings ->> 'end_s')::DOUBLE AS to_s,
    runs.n_frames AS frames,
    runs.finished_at::TIMESTAMP(0) AS finished_at
FROM runs
JOIN videos ON videos.video_id = runs.video_id
WHERE runs.status <> 'failed'
ORDER BY videos.name, videos.video_id, runs.finished_at DESC, runs.run_id;
