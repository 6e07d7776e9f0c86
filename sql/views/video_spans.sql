-- view:   video_spans
-- what:   the duration of each video, with a key
-- grain:  video_id
-- units:  seconds, frames, frames per second
-- values: fps is the mean rate, NULL for a still
-- run:    in any DuckDB client

CREATE OR REPLACE VIEW video_spans AS
SELECT
    video_id,
    name AS video,
    current_run_id AS run_id,
    duration_s,
    n_frames,
    fps,
    concat_ws('/', 'video_spans', video_id) AS result_key
FROM videos
WHERE current_run_id IS NOT NULL;
