-- query:  metrics
-- what:   what each metric of the dataset measures, in words
-- grain:  metric
-- run:    on the catalog, after sql/llm/macros; by `posekit ask`

SELECT metric::VARCHAR AS metric, metric_words(metric::VARCHAR) AS words
FROM (SELECT DISTINCT metric FROM metrics)
ORDER BY metric
