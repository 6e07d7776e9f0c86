-- query:  people of videos
-- what:   all people of each video, with times, durations and sizes
-- grain:  video_id, person_id
-- units:  from_s, to_s in seconds from the first frame; coverage is the share of the run's frames, 0..1; height_px in
--         pixels
-- values: person_id 0 is the main athlete; the variable video_id, if set, selects one video
-- run:    in any DuckDB client, on the catalog; `SET VARIABLE video_id = '...'` before it

SELECT
    video,
    person_id,
    name,
    round(first_time_s, 2) AS from_s,
    round(last_time_s, 2) AS to_s,
    n_frames AS frames,
    round(coverage, 3) AS coverage,
    round(height_px) AS height_px,
    n_tracklets AS tracklets,
    video_id
FROM people
WHERE getvariable('video_id') IS NULL OR video_id = getvariable('video_id')
ORDER BY video, video_id, person_id;
