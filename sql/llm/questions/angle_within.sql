-- question:   angle_within
-- what:       the smallest and the largest angle of a joint within a span of time, and their times
-- grain:      video_id, person_id, joint, side
-- parameters: joints: list of joints; side: left, right or NULL; from_s, to_s: the span, seconds from the first frame;
--             video_id, person_id, name: the person, NULL for all people
-- units:      degrees; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    any_value(athletes.name) AS name,
    m.joint,
    m.side,
    CASE WHEN any_value(side_views.note) IS NULL THEN max(m.angle_2d_deg) ELSE max(m.angle_3d_deg) END::DOUBLE AS largest_deg,
    CASE WHEN any_value(side_views.note) IS NULL THEN arg_max(m.time_s, m.angle_2d_deg) ELSE arg_max(m.time_s, m.angle_3d_deg) END AS largest_time_s,
    CASE WHEN any_value(side_views.note) IS NULL THEN min(m.angle_2d_deg) ELSE min(m.angle_3d_deg) END::DOUBLE AS least_deg,
    CASE WHEN any_value(side_views.note) IS NULL THEN arg_min(m.time_s, m.angle_2d_deg) ELSE arg_min(m.time_s, m.angle_3d_deg) END AS least_time_s,
    largest_deg - least_deg AS range_deg,
    any_value(side_views.note) IS NOT NULL AS is_in_space,
    min(m.time_s) AS first_time_s,
    max(m.time_s) AS last_time_s
FROM joint_angles AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
LEFT JOIN side_views ON side_views.run_id = m.run_id AND side_views.person_id = m.person_id
WHERE list_contains(getvariable('joints'), m.joint)
    AND m.quality >= 0.5
    AND m.side = coalesce(getvariable('side'), m.side)
    AND m.time_s BETWEEN getvariable('from_s') AND getvariable('to_s')
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
GROUP BY m.video, m.run_id, m.person_id, m.joint, m.side
HAVING largest_deg IS NOT NULL
ORDER BY m.video, m.person_id, m.joint, m.side
