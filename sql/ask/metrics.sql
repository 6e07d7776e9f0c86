-- query:  metrics
-- what:   a description, in words, of each metric in the dataset
-- grain:  metric
-- run:    on the catalog, after sql/llm/macros; by `posekit ask`

SELECT metric::VARCHAR AS metric, metric_words(metric::VARCHAR) AS words
FROM (SELECT DISTINCT metric FROM metrics)
ORDER BY metric
