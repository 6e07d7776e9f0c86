-- query:  curves
-- what:   the angles of a person over time, named as in Sports2D (right knee, trunk)
-- grain:  name, frame_idx
-- units:  degrees
-- parameters: SET VARIABLE video_id = '...'; SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog

SELECT side || ' ' || joint AS name, frame_idx, time_s, angle_2d_deg::DOUBLE AS value
FROM joint_angles
WHERE video_id = getvariable('video_id') AND person_id = getvariable('person_id')::INTEGER
UNION ALL
SELECT
    CASE WHEN side = 'center' THEN segment ELSE side || ' ' || segment END AS name,
    frame_idx,
    time_s,
    angle_2d_deg::DOUBLE AS value
FROM segment_angles
WHERE video_id = getvariable('video_id') AND person_id = getvariable('person_id')::INTEGER
ORDER BY name, frame_idx
