-- query:  llm_people
-- what:   who is in each video, with the names that the user gave
-- grain:  video_id, person_id
-- values: name is NULL where the user gave none
-- run:    in any DuckDB client, on the catalog

SELECT
    video_id,
    person_id::BIGINT AS person_id,
    max(name) AS name
FROM tracks
WHERE person_id IS NOT NULL
GROUP BY video_id, person_id
ORDER BY video_id, person_id
