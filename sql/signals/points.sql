-- query:  points
-- what:   the positions of the points in which events and repetitions are detected
-- grain:  person_id, frame_idx, name
-- units:  pixels of the displayed picture, y down
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

SELECT
    person_id::INTEGER AS person_id,
    frame_idx,
    time_s,
    point::VARCHAR AS name,
    x_px::DOUBLE AS x,
    y_px::DOUBLE AS y
FROM kinematics
WHERE point IN (
    'mid_hip', 'neck', 'center_of_mass', 'nose', 'left_heel', 'right_heel', 'left_foot_index', 'right_foot_index',
    'left_ankle', 'right_ankle', 'left_wrist', 'right_wrist'
)
ORDER BY person_id, frame_idx, name
