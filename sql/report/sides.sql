-- query:  sides
-- what:   comparison of left and right for every metric that has values for both sides of a person
-- grain:  person_id, metric
-- units:  the unit of the metric; difference is right minus left
-- values: verdict is differs, within_uncertainty if the difference could be noise, or far_side if one side is an estimate
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    metric::VARCHAR AS metric,
    value_left,
    value_right,
    difference,
    unit::VARCHAR AS unit,
    verdict
FROM metric_sides
WHERE video_id = getvariable('video_id')
ORDER BY person_id, metric
