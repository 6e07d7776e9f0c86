-- query:  events
-- what:   the events of a video, for marks
-- grain:  person_id, kind, side, time_s
-- units:  seconds from the first frame
-- run:    in any DuckDB client, on the catalog of one video

SELECT person_id, kind::VARCHAR AS kind, side::VARCHAR AS side, frame_idx, time_s
FROM events
ORDER BY time_s, person_id, kind, side
