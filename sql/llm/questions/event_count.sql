-- question:   event_count
-- what:       the number of events of a kind, with the first and the last of them
-- grain:      video_id, person_id, kind, side
-- parameters: kind: the kind of event; side: left, right or NULL for all sides together; video_id, person_id, name:
--             the person, NULL for all people
-- units:      counts; seconds
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.kind,
    m.side,
    m.n AS number,
    m.first_time_s,
    m.last_time_s
FROM event_counts AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.kind = getvariable('kind') AND m.side = coalesce(getvariable('side'), 'all')
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
ORDER BY m.video, m.person_id, m.side
