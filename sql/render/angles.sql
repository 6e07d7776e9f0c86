-- query:  angles
-- what:   the joint angles of all people in a span of a video, for labels beside the joints
-- grain:  frame_idx, person_id, joint, side
-- units:  degrees in the picture plane, as in joint_angles
-- parameters: SET VARIABLE first_frame = '...', last_frame = '...'
-- run:    in any DuckDB client, on the catalog of one video

SELECT frame_idx, person_id, joint::VARCHAR AS joint, side::VARCHAR AS side, angle_2d_deg
FROM joint_angles
WHERE frame_idx BETWEEN getvariable('first_frame')::BIGINT AND getvariable('last_frame')::BIGINT
    AND angle_2d_deg IS NOT NULL
ORDER BY frame_idx, person_id, joint, side
