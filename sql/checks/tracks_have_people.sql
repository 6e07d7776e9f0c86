-- check:  tracks_have_people
-- what:   every frame of every tracklet belongs to exactly one person, and no person occurs twice in a frame
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH pieces AS (
    SELECT
        video_id,
        run_id,
        track_id,
        first_frame_idx,
        last_frame_idx,
        lag(last_frame_idx) OVER (PARTITION BY run_id, track_id ORDER BY first_frame_idx) AS previous
    FROM tracks
)

SELECT video_id, run_id, format('person {} occurs in frame {} {} times', person_id, frame_idx, count(*)) AS problem
FROM regions
GROUP BY video_id, run_id, person_id, frame_idx
HAVING count(*) > 1
UNION ALL
SELECT video_id, run_id, format('tracklet {}: frame {} comes directly after frame {}', track_id, first_frame_idx, previous)
FROM pieces
WHERE first_frame_idx <> previous + 1
ORDER BY ALL;
