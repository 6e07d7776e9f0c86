-- query:  people
-- what:   all people of a video, each with the middle frame of the time in view
-- grain:  person_id
-- units:  meters per pixel, NULL if unknown
-- values: name is the name that the user gave, else NULL
-- run:    in any DuckDB client, on the catalog of one video

SELECT
    tracks.person_id,
    max(tracks.name) AS name,
    (min(tracks.first_frame_idx) + max(tracks.last_frame_idx)) // 2 AS middle_frame_idx,
    any_value(scales.meters_per_px) AS meters_per_px
FROM tracks
LEFT JOIN scales ON scales.run_id = tracks.run_id AND scales.person_id = tracks.person_id
GROUP BY tracks.person_id
ORDER BY tracks.person_id
