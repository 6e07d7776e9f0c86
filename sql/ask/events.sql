-- query:  events
-- what:   the names, in words, of each kind of event in the dataset
-- grain:  kind
-- run:    on the catalog, after sql/llm/macros; by `posekit ask`

SELECT kind::VARCHAR AS kind, event_words(kind::VARCHAR) AS words, event_plural(kind::VARCHAR) AS plural
FROM (SELECT DISTINCT kind FROM events)
ORDER BY kind
