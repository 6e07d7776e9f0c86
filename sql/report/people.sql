-- query:  people
-- what:   all people of a video, with the conversion from pixels to meters
-- grain:  person_id
-- units:  seconds from the first frame; coverage is the share of frames, 0..1; meters per pixel with 95 % interval;
--         meters
-- values: method is height, world or none; NULL if the video was not analyzed
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    people.person_id::INTEGER AS person_id,
    people.name,
    people.first_time_s,
    people.last_time_s,
    people.coverage,
    scales.method::VARCHAR AS method,
    scales.meters_per_px,
    scales.meters_per_px_low,
    scales.meters_per_px_high,
    scales.height_m::DOUBLE AS height_m
FROM people
LEFT JOIN scales ON scales.run_id = people.run_id AND scales.person_id = people.person_id
WHERE people.video_id = getvariable('video_id')
ORDER BY person_id
