-- query:  clips
-- what:   every clip with the words by which a question may refer to it: its sport and its repeated movement
-- grain:  video_id
-- units:  seconds
-- run:    in any DuckDB client, on the catalog; by `posekit ask`

SELECT
    videos.video_id,
    videos.name,
    videos.path,
    coalesce(videos.duration_s, 0)::DOUBLE AS duration_s,
    (SELECT any_value(sport)::VARCHAR FROM analyses WHERE analyses.run_id = videos.current_run_id) AS sport,
    (
        SELECT string_agg(DISTINCT exercise::VARCHAR, ', ' ORDER BY exercise::VARCHAR)
        FROM repetitions
        WHERE repetitions.run_id = videos.current_run_id
    ) AS exercises
FROM videos
WHERE videos.current_run_id IS NOT NULL
ORDER BY videos.name, videos.video_id
