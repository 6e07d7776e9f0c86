-- question:   angle_at_time
-- what:       the angle of a joint at a time, taken from the nearest frame
-- grain:      video_id, person_id, joint, side
-- parameters: joints: list of joints; side: left, right or NULL; from_s, to_s: both the time, seconds from the first
--             frame; video_id, person_id, name: the person, NULL for all people
-- units:      degrees; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.joint,
    m.side,
    m.time_s,
    CASE WHEN side_views.note IS NULL THEN m.angle_2d_deg ELSE m.angle_3d_deg END::DOUBLE AS angle_deg,
    angle_deg - 1.96 * CASE WHEN side_views.note IS NULL THEN m.error_deg ELSE m.error_3d_deg END AS low_angle_deg,
    angle_deg + 1.96 * CASE WHEN side_views.note IS NULL THEN m.error_deg ELSE m.error_3d_deg END AS high_angle_deg,
    side_views.note IS NOT NULL AS is_in_space
FROM joint_angles AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN side_views ON side_views.run_id = m.run_id AND side_views.person_id = m.person_id
WHERE list_contains(getvariable('joints'), m.joint)
    AND m.side = coalesce(getvariable('side'), m.side)
    AND m.time_s BETWEEN getvariable('from_s') - 0.5 AND getvariable('to_s') + 0.5
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
QUALIFY row_number() OVER (PARTITION BY m.run_id, m.person_id, m.joint, m.side ORDER BY abs(m.time_s - getvariable('from_s')), m.time_s) = 1
ORDER BY m.video, m.person_id, m.joint, m.side
