-- query:  frames
-- what:   the frames of a video, of which some or all are exported as pictures
-- grain:  frame_idx
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT frame_idx
FROM frames
WHERE video_id = getvariable('video_id')
ORDER BY frame_idx
