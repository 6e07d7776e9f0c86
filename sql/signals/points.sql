-- query:  points
-- what:   the positions of the points in which events and repetitions are detected; the tips of the feet also as the
--         network gave them (_raw), since a filter blends legs that the network exchanges
-- grain:  person_id, frame_idx, name
-- units:  pixels of the displayed picture, y down
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

WITH clean AS (
    SELECT person_id, frame_idx, time_s, point::VARCHAR AS name, x_px, y_px
    FROM kinematics
    WHERE point IN (
        'mid_hip', 'neck', 'center_of_mass', 'nose', 'left_heel', 'right_heel', 'left_foot_index', 'right_foot_index',
        'left_ankle', 'right_ankle', 'left_wrist', 'right_wrist'
    )
),

raw AS (
    SELECT
        raw_landmarks.person_id,
        raw_landmarks.frame_idx,
        raw_landmarks.time_s,
        landmark::VARCHAR || '_raw' AS name,
        x_px,
        y_px
    FROM raw_landmarks
    SEMI JOIN clean ON clean.person_id = raw_landmarks.person_id AND clean.frame_idx = raw_landmarks.frame_idx
    WHERE landmark IN ('left_foot_index', 'right_foot_index')
)

SELECT person_id::INTEGER AS person_id, frame_idx, time_s, name, x_px::DOUBLE AS x, y_px::DOUBLE AS y
FROM (FROM clean UNION ALL FROM raw)
ORDER BY person_id, frame_idx, name
