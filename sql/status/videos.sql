-- query:  status of videos
-- what:   every video with its current run: frames, frames with a person, people, failures
-- grain:  video_id
-- units:  duration_s in seconds; coverage is the share of frames in which a person was found, 0..1
-- values: status is ok, degraded or failed (the newest run failed and no run succeeded); counts are NULL if there is
--         nothing to count
-- run:    in any DuckDB client, on the catalog

WITH newest AS (
    SELECT video_id, arg_max(status, finished_at) AS status, arg_max(reason, finished_at) AS reason
    FROM runs
    GROUP BY video_id
),

counted AS (
    SELECT
        video_id,
        count(*) AS n_frames,
        count(*) FILTER (status = 'ok') AS n_found,
        max(n_people) AS n_people,
        count(*) FILTER (status = 'failed') AS n_failed
    FROM frames
    GROUP BY video_id
)

SELECT
    videos.name AS video,
    coalesce(runs.status, newest.status) AS status,
    counted.n_frames AS frames,
    round(counted.n_found / counted.n_frames, 3) AS coverage,
    counted.n_people AS people,
    counted.n_failed AS failed,
    runs.n_missing AS missing,
    runs.network,
    videos.width,
    videos.height,
    round(videos.fps, 2) AS fps,
    round(videos.duration_s, 2) AS duration_s,
    videos.video_id,
    CASE WHEN runs.run_id IS NULL THEN newest.reason ELSE runs.reason END AS reason
FROM videos
LEFT JOIN runs ON runs.run_id = videos.current_run_id
LEFT JOIN newest ON newest.video_id = videos.video_id
LEFT JOIN counted ON counted.video_id = videos.video_id
ORDER BY videos.name, videos.video_id;
