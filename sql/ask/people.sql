-- query:  people
-- what:   who is in each clip
-- grain:  video_id, person_id
-- values: name as the user gave it, else NULL
-- run:    in any DuckDB client, on the catalog; by `posekit ask`

SELECT video_id, person_id::BIGINT AS person_id, name
FROM athletes
WHERE person_id IS NOT NULL
ORDER BY video, video_id, person_id
