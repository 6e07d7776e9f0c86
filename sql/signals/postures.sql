-- query:  postures
-- what:   how people carry their trunk: its lean from the vertical, and how high the hips are above the lowest foot
-- grain:  person_id, frame_idx
-- units:  x in degrees, 0 is upright, 180 upside down; y in lengths of the trunk, negative with the feet up
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

WITH points AS (
    SELECT
        person_id,
        frame_idx,
        time_s,
        any_value(x_px) FILTER (point = 'mid_hip') AS hip_x,
        any_value(y_px) FILTER (point = 'mid_hip') AS hip_y,
        any_value(x_px) FILTER (point = 'neck') AS neck_x,
        any_value(y_px) FILTER (point = 'neck') AS neck_y,
        max(y_px) FILTER (point NOT IN ('mid_hip', 'neck')) AS foot_y
    FROM kinematics
    WHERE point IN ('mid_hip', 'neck', 'left_heel', 'right_heel', 'left_foot_index', 'right_foot_index')
    GROUP BY ALL
)

SELECT
    person_id::INTEGER AS person_id,
    frame_idx,
    time_s,
    'posture' AS name,
    degrees(atan2(abs(neck_x - hip_x), hip_y - neck_y))::DOUBLE AS x,
    ((foot_y - hip_y) / nullif(distance(hip_x, hip_y, neck_x, neck_y), 0))::DOUBLE AS y
FROM points
ORDER BY person_id, frame_idx
