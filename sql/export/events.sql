-- query:  events
-- what:   the events of a person
-- grain:  kind, side, frame_idx
-- units:  seconds
-- parameters: SET VARIABLE video_id = '...'; SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog

SELECT kind::VARCHAR AS kind, side::VARCHAR AS side, time_s
FROM events
WHERE video_id = getvariable('video_id') AND person_id = getvariable('person_id')::INTEGER
ORDER BY time_s, kind, side
