-- view:   sure_metrics
-- what:   the metrics whose interval says something: uncertain by at most half of the value. Datasets for language models
--         are made from them
-- grain:  video_id, person_id, metric, side
-- values: as in metrics
-- run:    in any DuckDB client, after metrics.sql

CREATE OR REPLACE VIEW sure_metrics AS
SELECT *
FROM metrics
WHERE is_vague(value, low, high) IS NOT TRUE;
