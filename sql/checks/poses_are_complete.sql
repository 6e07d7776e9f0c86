-- check:  poses_are_complete
-- what:   every person in a frame has one region and 33 landmarks, raw and smoothed, and the number of people in
--         frames is correct
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH counted AS (
    SELECT video_id, run_id, frame_idx, 'regions' AS relation, count(*) AS n
    FROM regions GROUP BY ALL
    UNION ALL
    SELECT video_id, run_id, frame_idx, 'raw_landmarks', count(DISTINCT (person_id, landmark_id)) / 33
    FROM raw_landmarks GROUP BY ALL
    UNION ALL
    SELECT video_id, run_id, frame_idx, 'landmarks', count(DISTINCT (person_id, landmark_id)) / 33
    FROM landmarks GROUP BY ALL
),

expected AS (
    SELECT frames.video_id, frames.run_id, frames.frame_idx, frames.n_people, relations.relation
    FROM frames
    CROSS JOIN (VALUES ('regions'), ('raw_landmarks'), ('landmarks')) AS relations (relation)
)

SELECT
    coalesce(expected.video_id, counted.video_id) AS video_id,
    coalesce(expected.run_id, counted.run_id) AS run_id,
    format(
        'frame {} lists {} people, but {} contains {}',
        coalesce(expected.frame_idx, counted.frame_idx),
        coalesce(expected.n_people, 0),
        coalesce(expected.relation, counted.relation),
        coalesce(counted.n, 0)
    ) AS problem
FROM expected
FULL JOIN counted USING (run_id, frame_idx, relation)
WHERE coalesce(expected.n_people, 0) <> coalesce(counted.n, 0)
ORDER BY ALL;
