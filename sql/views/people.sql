-- view:   people
-- what:   all people in each video: times in view, coverage and size
-- grain:  video_id, person_id
-- units:  times in seconds from the first frame; coverage is the share of the run's frames, 0..1; height_px in pixels
--         of the displayed picture
-- values: person_id 0 is the main athlete (largest and longest in view); name is the name that the user gave, else
--         NULL; height_px is the median height of the box around the landmarks within the picture (presence of at
--         least a half)
-- run:    in any DuckDB client, after frames.sql, landmarks.sql, regions.sql and tracks.sql

CREATE OR REPLACE VIEW people AS
WITH spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        min(frame_idx) AS first_frame_idx,
        max(frame_idx) AS last_frame_idx,
        min(time_s) AS first_time_s,
        max(time_s) AS last_time_s,
        count(DISTINCT frame_idx) AS n_frames
    FROM regions
    GROUP BY video_id, run_id, person_id
),

runs_frames AS (
    SELECT run_id, count(*) AS n_frames
    FROM frames
    GROUP BY run_id
),

boxes AS (
    SELECT run_id, person_id, max(y_px) - min(y_px) AS height_px
    FROM landmarks
    WHERE presence >= 0.5
    GROUP BY run_id, person_id, frame_idx
),

heights AS (
    SELECT run_id, person_id, median(height_px) AS height_px
    FROM boxes
    GROUP BY run_id, person_id
),

named AS (
    SELECT run_id, person_id, max(name) AS name, count(DISTINCT track_id) AS n_tracklets
    FROM tracks
    GROUP BY run_id, person_id
)

SELECT
    spans.video_id,
    videos.name AS video,
    spans.run_id,
    spans.person_id,
    named.name,
    spans.first_frame_idx,
    spans.last_frame_idx,
    spans.first_time_s,
    spans.last_time_s,
    spans.n_frames,
    spans.n_frames / runs_frames.n_frames AS coverage,
    heights.height_px,
    named.n_tracklets
FROM spans
JOIN videos ON videos.video_id = spans.video_id
JOIN runs_frames ON runs_frames.run_id = spans.run_id
JOIN named ON named.run_id = spans.run_id AND named.person_id = spans.person_id
LEFT JOIN heights ON heights.run_id = spans.run_id AND heights.person_id = spans.person_id;
