-- query:  curves
-- what:   the angles of all people over time, one row for each frame and angle, 2D and 3D side by side; the program
--         reduces the number of points
-- grain:  person_id, joint, side, frame_idx
-- units:  degrees; seconds from the first frame
-- values: joint is a joint of joint_angles or a segment of segment_angles; side is left, right or center; NULL if not
--         measured
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    joint::VARCHAR AS joint,
    side::VARCHAR AS side,
    frame_idx,
    time_s,
    angle_2d_deg::DOUBLE AS angle_2d_deg,
    angle_3d_deg::DOUBLE AS angle_3d_deg,
    0 AS is_segment
FROM joint_angles
WHERE video_id = getvariable('video_id')
UNION ALL
SELECT
    person_id::INTEGER AS person_id,
    segment::VARCHAR AS joint,
    side::VARCHAR AS side,
    frame_idx,
    time_s,
    angle_2d_deg::DOUBLE AS angle_2d_deg,
    angle_3d_deg::DOUBLE AS angle_3d_deg,
    1 AS is_segment
FROM segment_angles
WHERE video_id = getvariable('video_id')
ORDER BY person_id, is_segment, joint, side, frame_idx
