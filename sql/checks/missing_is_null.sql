-- check:  missing_is_null
-- what:   no coordinate is NaN or infinite, and probabilities are within 0..1: only NULL stands for a missing value
-- grain:  one row per violation: video_id, run_id, problem
-- run:    in any DuckDB client, on the catalog; no row means healthy

WITH landmark_values AS (
    FROM landmarks
    UNION ALL
    SELECT * EXCLUDE (track_id) FROM raw_landmarks
)

SELECT DISTINCT video_id, run_id, format('frame {} has an invalid value in landmark {}', frame_idx, landmark) AS problem
FROM landmark_values
WHERE NOT isfinite(x_px) OR NOT isfinite(y_px) OR NOT isfinite(z_px)
    OR NOT isfinite(world_x_m) OR NOT isfinite(world_y_m) OR NOT isfinite(world_z_m)
    OR visibility NOT BETWEEN 0 AND 1
    OR presence NOT BETWEEN 0 AND 1
ORDER BY ALL;
