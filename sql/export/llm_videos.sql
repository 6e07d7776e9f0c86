-- query:  llm_videos
-- what:   the videos that are exported as examples, with the run and the sport of the analysis
-- grain:  video_id
-- run:    in any DuckDB client, on the catalog

SELECT
    videos.video_id,
    videos.name AS video,
    videos.path,
    runs.run_id,
    runs.network,
    analyses.sport::VARCHAR AS sport
FROM videos
JOIN runs ON runs.run_id = videos.current_run_id
JOIN analyses ON analyses.run_id = runs.run_id
ORDER BY videos.video_id
