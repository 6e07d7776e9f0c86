-- query:  events
-- what:   the events of a video
-- grain:  person_id, kind, side, time_s
-- units:  seconds from the first frame; confidence 0..1
-- values: side is left, right, both or none
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    kind::VARCHAR AS kind,
    side::VARCHAR AS side,
    time_s,
    method::VARCHAR AS method,
    confidence::DOUBLE AS confidence
FROM events
WHERE video_id = getvariable('video_id')
ORDER BY time_s, person_id, kind, side
