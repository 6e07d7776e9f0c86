-- query:  frames
-- what:   all frames of a video with their times
-- grain:  frame_idx
-- units:  seconds from the first frame
-- run:    in any DuckDB client, on the catalog of one video

SELECT frame_idx, time_s
FROM frames
ORDER BY frame_idx
