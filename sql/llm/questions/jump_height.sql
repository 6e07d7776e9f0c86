-- question:   jump_height
-- what:       the height of the highest jump, by flight time and by the rise of the center of mass
-- grain:      video_id, person_id
-- parameters: video_id, person_id, name: the person, NULL for all people
-- units:      meters; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    any_value(athletes.name) AS name,
    max(m.value) FILTER (m.metric = 'jump_height_flight') AS flight_m,
    max(m.low) FILTER (m.metric = 'jump_height_flight') AS low_flight_m,
    max(m.high) FILTER (m.metric = 'jump_height_flight') AS high_flight_m,
    max(m.value) FILTER (m.metric = 'jump_height_rise') AS rise_m,
    max(m.low) FILTER (m.metric = 'jump_height_rise') AS low_rise_m,
    max(m.high) FILTER (m.metric = 'jump_height_rise') AS high_rise_m,
    max(m.value) FILTER (m.metric = 'jump_flight_time') AS flight_s,
    max(m.low) FILTER (m.metric = 'jump_flight_time') AS low_flight_s,
    max(m.high) FILTER (m.metric = 'jump_flight_time') AS high_flight_s,
    max(m.time_s) FILTER (m.metric LIKE 'jump%') AS time_s,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s
FROM metrics AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.metric IN ('jump_height_flight', 'jump_height_rise', 'jump_flight_time')
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
GROUP BY m.video, m.run_id, m.person_id
HAVING flight_m IS NOT NULL OR rise_m IS NOT NULL
ORDER BY m.video, m.person_id
