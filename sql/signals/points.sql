-- query:  points
-- what:   the positions of the points in which events and repetitions are detected; the tips of the feet also as the
--         network gave them (_raw), since a filter blends legs that the network exchanges; and the visibility of the
--         feet (_foot_visibility)
-- grain:  person_id, frame_idx, name
-- units:  pixels of the displayed picture, y down; visibilities, in x, from 0 to 1: 0 for a foot that reaches out of
--         the picture by more than a fiftieth, NULL for interpolated points
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
),

feet AS (
    SELECT
        person_id,
        frame_idx,
        time_s,
        left(point::VARCHAR, strpos(point::VARCHAR, '_') - 1) || '_foot_visibility' AS name,
        CASE WHEN bool_and(
            x_px BETWEEN -0.02 * videos.width AND 1.02 * videos.width
            AND y_px BETWEEN -0.02 * videos.height AND 1.02 * videos.height
        ) THEN max(nullif(quality, 0)) ELSE 0 END AS x_px,
        NULL AS y_px
    FROM kinematics
    JOIN videos ON videos.video_id = kinematics.video_id
    WHERE point IN ('left_heel', 'right_heel', 'left_foot_index', 'right_foot_index')
    GROUP BY ALL
)

SELECT person_id::INTEGER AS person_id, frame_idx, time_s, name, x_px::DOUBLE AS x, y_px::DOUBLE AS y
FROM (FROM clean UNION ALL FROM raw UNION ALL FROM feet)
ORDER BY person_id, frame_idx, name
