-- query:  headlines
-- what:   measured metrics of the main athlete of each video that the overview of a report may show
-- grain:  video_id, metric, side
-- units:  the unit of the metric; low and high are the ends of the 95 % interval
-- values: side is left, right, both or none
-- parameters: SET VARIABLE metrics = '...', names separated by commas
-- run:    in any DuckDB client, on the catalog

SELECT
    video_id,
    person_id::INTEGER AS person_id,
    metric::VARCHAR AS metric,
    side::VARCHAR AS side,
    value,
    low,
    high,
    unit::VARCHAR AS unit
FROM metrics
WHERE person_id = 0 AND value IS NOT NULL AND list_contains(string_split(getvariable('metrics'), ','), metric)
ORDER BY video_id, metric, side
