-- query:  angles
-- what:   the angle of a joint of a person in every frame while the person is in view, for both sides
-- grain:  side, frame_idx
-- units:  degrees, degrees per second, as in joint_angles; seconds from the first frame
-- values: NULL means missing; a frame without an angle has a row too, so that the lines of the chart end there
-- parameters: SET VARIABLE person_id = ...; SET VARIABLE joint = '...'
-- run:    in any DuckDB client, on the catalog of one video

WITH span AS (
    SELECT min(first_frame_idx) AS first_frame_idx, max(last_frame_idx) AS last_frame_idx
    FROM tracks
    WHERE person_id = getvariable('person_id')::INTEGER
),

angles AS (
    SELECT frame_idx, side::VARCHAR AS side, angle_2d_deg, angle_3d_deg, velocity_deg_s, error_deg
    FROM joint_angles
    WHERE person_id = getvariable('person_id')::INTEGER AND joint = getvariable('joint')
)

SELECT
    sides.side,
    frames.frame_idx,
    frames.time_s,
    angles.angle_2d_deg,
    angles.angle_3d_deg,
    angles.velocity_deg_s,
    angles.error_deg
FROM frames
JOIN span ON frames.frame_idx BETWEEN span.first_frame_idx AND span.last_frame_idx
CROSS JOIN (VALUES ('left'), ('right')) AS sides (side)
LEFT JOIN angles ON angles.frame_idx = frames.frame_idx AND angles.side = sides.side
ORDER BY sides.side, frames.frame_idx
