-- check:  landmarks_follow_tracks
-- what:   every person with landmarks is in tracks, and every person in tracks has landmarks
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH seen AS (
    SELECT DISTINCT video_id, run_id, person_id
    FROM landmarks
),

followed AS (
    SELECT DISTINCT video_id, run_id, person_id
    FROM tracks
)

SELECT
    coalesce(seen.video_id, followed.video_id) AS video_id,
    coalesce(seen.run_id, followed.run_id) AS run_id,
    CASE
        WHEN seen.run_id IS NULL THEN format('person {} is in tracks, but has no landmarks', followed.person_id)
        ELSE format('person {} has landmarks, but is not in tracks', seen.person_id)
    END AS problem
FROM seen
FULL JOIN followed USING (run_id, person_id)
WHERE seen.run_id IS NULL OR followed.run_id IS NULL
ORDER BY ALL;
