-- question:   clips
-- what:       the clips of the dataset: their durations, their frame rates, and the sports for which they were
--             analyzed
-- grain:      video_id
-- parameters: video_id: the clip, NULL for all clips
-- units:      seconds; frames; frames per second
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.duration_s,
    m.n_frames,
    m.fps,
    videos.width,
    videos.height,
    analyses.sport,
    0.0 AS first_time_s,
    m.duration_s AS last_time_s
FROM video_spans AS m
JOIN videos ON videos.video_id = m.video_id
LEFT JOIN analyses ON analyses.run_id = m.run_id
WHERE true
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
ORDER BY m.video
