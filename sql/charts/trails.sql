-- query:  trails
-- what:   the position of a point of a person in every frame while the person is in view
-- grain:  frame_idx
-- units:  pixels of the displayed picture
-- values: NULL means missing
-- parameters: SET VARIABLE person_id = ...; SET VARIABLE point = '...'
-- run:    in any DuckDB client, on the catalog of one video

WITH span AS (
    SELECT min(first_frame_idx) AS first_frame_idx, max(last_frame_idx) AS last_frame_idx
    FROM tracks
    WHERE person_id = getvariable('person_id')::INTEGER
),

places AS (
    SELECT frame_idx, x_px, y_px
    FROM kinematics
    WHERE person_id = getvariable('person_id')::INTEGER AND point = getvariable('point')
)

SELECT frames.frame_idx, places.x_px, places.y_px
FROM frames
JOIN span ON frames.frame_idx BETWEEN span.first_frame_idx AND span.last_frame_idx
LEFT JOIN places ON places.frame_idx = frames.frame_idx
ORDER BY frames.frame_idx
