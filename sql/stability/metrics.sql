-- query:  metrics
-- what:   all metrics of a run with their intervals and the files that made them
-- grain:  person_id, metric, side
-- units:  the unit of the metric; low and high are the ends of the 95 % interval
-- run:    in the workspace of a run

SELECT
    person_id::INTEGER AS person_id,
    metric::VARCHAR AS metric,
    side::VARCHAR AS side,
    unit::VARCHAR AS unit,
    made_by::VARCHAR AS made_by,
    value,
    low,
    high
FROM metrics
