-- query:  angle_curves
-- what:   the joint angles of a person in a span of a video, for comparison with another attempt
-- grain:  joint, side, frame_idx
-- units:  degrees in the picture plane
-- parameters: SET VARIABLE person = '...', first_frame = '...', last_frame = '...'
-- run:    in any DuckDB client, on the catalog of one video

SELECT joint::VARCHAR AS joint, side::VARCHAR AS side, frame_idx, angle_2d_deg
FROM joint_angles
WHERE person_id = getvariable('person')::INTEGER
    AND frame_idx BETWEEN getvariable('first_frame')::BIGINT AND getvariable('last_frame')::BIGINT
ORDER BY joint, side, frame_idx
