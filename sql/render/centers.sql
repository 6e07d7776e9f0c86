-- query:  centers
-- what:   the centers of mass of all people in a span of a video
-- grain:  frame_idx, person_id
-- units:  pixels of the displayed picture
-- parameters: SET VARIABLE first_frame = '...', last_frame = '...'
-- run:    in any DuckDB client, on the catalog of one video

SELECT frame_idx, person_id, x_px, y_px
FROM kinematics
WHERE point = 'center_of_mass'
    AND frame_idx BETWEEN getvariable('first_frame')::BIGINT AND getvariable('last_frame')::BIGINT
    AND x_px IS NOT NULL
    AND y_px IS NOT NULL
ORDER BY frame_idx, person_id
