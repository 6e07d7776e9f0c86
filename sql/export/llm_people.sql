-- query:  llm_people
-- what:   the people in each video, with the names that the user gave
-- grain:  video_id, person_id
-- values: name is NULL if the user gave no name
-- run:    in any DuckDB client, on the catalog

SELECT
    video_id,
    person_id::BIGINT AS person_id,
    max(name) AS name
FROM tracks
WHERE person_id IS NOT NULL
GROUP BY video_id, person_id
ORDER BY video_id, person_id
