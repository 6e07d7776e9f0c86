-- query:  headlines
-- what:   metrics of the main athlete of each video; the overview of a report shows the most informative ones
-- grain:  video_id, metric, side
-- units:  the unit of the metric; low and high are the ends of the 95 % interval
-- values: side is left, right, both or none; value is NULL if it could not be measured
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
WHERE person_id = 0
ORDER BY video_id, metric, side
