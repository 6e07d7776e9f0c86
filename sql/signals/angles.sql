-- query:  angles
-- what:   the joint angles in which repetitions are detected: in the picture and in space
-- grain:  person_id, frame_idx, name
-- units:  degrees; x is the angle in the picture, y the angle in space
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

SELECT
    person_id::INTEGER AS person_id,
    frame_idx,
    time_s,
    side || '_' || joint AS name,
    CASE WHEN quality >= 0.5 THEN angle_2d_deg::DOUBLE END AS x,
    CASE WHEN quality >= 0.5 THEN angle_3d_deg::DOUBLE END AS y
FROM joint_angles
WHERE joint IN ('knee', 'hip', 'elbow', 'shoulder')
ORDER BY person_id, frame_idx, name
