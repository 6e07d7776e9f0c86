-- question:   event_times
-- what:       the times of the events of a kind
-- grain:      video_id, person_id, kind, side, frame_idx
-- parameters: kind: the kind of event; side: left, right or NULL for all; place: first, last or NULL for all;
--             video_id, person_id, name: the person, NULL for all people
-- units:      seconds; confidence 0..1
-- run:        in any DuckDB client on the catalog, after SET VARIABLE for each parameter; `posekit ask` inserts the
--             values into the SQL

SELECT
    m.video,
    m.person_id,
    athletes.name,
    m.kind,
    m.side,
    m.time_s,
    m.frame_idx,
    m.confidence
FROM events AS m
JOIN athletes ON athletes.run_id = m.run_id AND athletes.person_id = m.person_id
WHERE m.kind = getvariable('kind')
    AND m.side = coalesce(getvariable('side'), m.side)
    AND m.video_id = coalesce(getvariable('video_id'), m.video_id)
    AND m.person_id = coalesce(getvariable('person_id'), m.person_id)
    AND athletes.name IS NOT DISTINCT FROM coalesce(getvariable('name'), athletes.name)
QUALIFY CASE getvariable('place')
    WHEN 'first' THEN row_number() OVER (PARTITION BY m.run_id, m.person_id ORDER BY m.time_s) = 1
    WHEN 'last' THEN row_number() OVER (PARTITION BY m.run_id, m.person_id ORDER BY m.time_s DESC) = 1
    ELSE true
END
ORDER BY m.video, m.person_id, m.time_s, m.side
LIMIT 100
