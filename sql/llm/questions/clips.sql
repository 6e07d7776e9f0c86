-- question:   clips
-- what:       which clips there are, how long they are, at what rate, and what they were analyzed for
-- grain:      video_id
-- parameters: video_id: NULL for all
-- units:      seconds; frames; frames a second
-- run:        in any DuckDB client on the catalog, after SET VARIABLE of the parameters; `posekit ask` writes their
--             values into the text

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
