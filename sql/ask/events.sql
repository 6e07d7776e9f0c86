-- query:  events
-- what:   what each kind of event of the dataset is called
-- grain:  kind
-- run:    on the catalog, after sql/llm/macros; by `posekit ask`

SELECT kind::VARCHAR AS kind, event_words(kind::VARCHAR) AS words, event_plural(kind::VARCHAR) AS plural
FROM (SELECT DISTINCT kind FROM events)
ORDER BY kind
