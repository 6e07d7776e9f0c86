-- query:  people
-- what:   the people in each clip
-- grain:  video_id, person_id
-- values: name is the name that the user gave, else NULL
-- run:    in any DuckDB client, on the catalog; by `posekit ask`

SELECT video_id, person_id::BIGINT AS person_id, name
FROM athletes
WHERE person_id IS NOT NULL
ORDER BY video, video_id, person_id
