-- query:  names
-- what:   the names that the user gave
-- grain:  person_id
-- run:    in any DuckDB client, on the catalog of one video

SELECT person_id, max(name) AS name
FROM tracks
WHERE name IS NOT NULL
GROUP BY person_id
ORDER BY person_id
