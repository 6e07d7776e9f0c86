-- check:  people_have_bodies_of_their_own
-- what:   no two people in a frame share one body: the median distance between their landmarks is at least 5 % of the
--         height of the taller person
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH crowded AS (
    SELECT run_id, frame_idx
    FROM frames
    WHERE n_people > 1
),

bodies AS (
    SELECT raw_landmarks.*
    FROM raw_landmarks
    JOIN crowded USING (run_id, frame_idx)
),

heights AS (
    SELECT run_id, frame_idx, person_id, max(y_px) - min(y_px) AS height_px
    FROM bodies
    GROUP BY run_id, frame_idx, person_id
),

pairs AS (
    SELECT
        one.video_id,
        one.run_id,
        one.frame_idx,
        one.person_id AS person_id,
        other.person_id AS other_person_id,
        median(sqrt((one.x_px - other.x_px) ** 2 + (one.y_px - other.y_px) ** 2)) AS distance_px
    FROM bodies AS one
    JOIN bodies AS other
        ON other.run_id = one.run_id
        AND other.frame_idx = one.frame_idx
        AND other.landmark_id = one.landmark_id
        AND other.person_id > one.person_id
    GROUP BY ALL
)

SELECT
    pairs.video_id,
    pairs.run_id,
    format('people {} and {} in frame {} have the same body', pairs.person_id, other_person_id, pairs.frame_idx) AS problem
FROM pairs
JOIN heights AS a ON a.run_id = pairs.run_id AND a.frame_idx = pairs.frame_idx AND a.person_id = pairs.person_id
JOIN heights AS b ON b.run_id = pairs.run_id AND b.frame_idx = pairs.frame_idx AND b.person_id = other_person_id
WHERE pairs.distance_px < 0.05 * greatest(a.height_px, b.height_px)
ORDER BY ALL;
