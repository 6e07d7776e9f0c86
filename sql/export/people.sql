-- query:  people
-- what:   all people in the exported videos, with the data that their files need
-- grain:  video_id, person_id
-- units:  pixels; Hz; meters per pixel, NULL if unknown
-- parameters: SET VARIABLE video_id = '...'; NULL for all
-- run:    in any DuckDB client, on the catalog

SELECT
    videos.video_id,
    videos.name AS video,
    scales.person_id::INTEGER AS person_id,
    videos.width,
    videos.height,
    videos.fps,
    runs.network,
    scales.meters_per_px,
    scales.floor_y_px::DOUBLE AS floor_y_px
FROM scales
JOIN videos ON videos.video_id = scales.video_id
JOIN runs ON runs.run_id = scales.run_id
WHERE getvariable('video_id') IS NULL OR videos.video_id = getvariable('video_id')
ORDER BY videos.name, videos.video_id, scales.person_id
