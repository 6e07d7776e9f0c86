-- query:  metrics
-- what:   the metrics of all people with their intervals
-- grain:  person_id, metric, side
-- units:  the unit of the metric; low and high are the ends of the 95 % interval; time_s in seconds from the first
--         frame
-- values: side is left, right, both or none; value is NULL if it could not be measured, and note says why; note also says if
--         the interval reaches further than half of the value
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    metric::VARCHAR AS metric,
    side::VARCHAR AS side,
    value,
    low,
    high,
    unit::VARCHAR AS unit,
    n,
    time_s,
    scale::VARCHAR AS scale,
    nullif(concat_ws('; ', CASE WHEN is_vague(value, low, high) THEN 'uncertain by more than half of the value' END, note), '') AS note
FROM metrics
WHERE video_id = getvariable('video_id')
ORDER BY person_id, metric, side
