-- query:  facings
-- what:   the side of each person of a video that is toward the camera, with start and end times
-- grain:  person_id, first_time_s
-- units:  seconds from the first frame; degrees
-- values: facing is front, right, back or left
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT person_id::INTEGER AS person_id, facing::VARCHAR AS facing, yaw_deg::DOUBLE AS yaw_deg, first_time_s, last_time_s
FROM facings
WHERE video_id = getvariable('video_id')
ORDER BY person_id, first_time_s
