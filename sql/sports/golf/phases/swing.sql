-- phases: swing
-- what:   backswing (address to top), downswing (top to impact), follow_through (impact to finish) of each swing
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events
-- source: each phase lasts from one event of this pack to another. The first event of each kind belongs to the first
--         attempt, the second one to the second attempt, and so on: the events of an attempt are found all together or
--         not at all

WITH names (phase, from_kind, to_kind) AS (
    VALUES
        ('backswing', 'address', 'top_of_backswing'),
        ('downswing', 'top_of_backswing', 'impact'),
        ('follow_through', 'impact', 'finish')
),

numbered AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, kind ORDER BY time_s) AS attempt
    FROM events
)

SELECT
    a.video_id,
    a.run_id,
    a.person_id,
    a.attempt,
    names.phase,
    a.frame_idx AS first_frame_idx,
    b.frame_idx AS last_frame_idx,
    a.time_s AS first_time_s,
    b.time_s AS last_time_s
FROM names
JOIN numbered AS a ON a.kind = names.from_kind
JOIN numbered AS b
    ON b.kind = names.to_kind AND b.run_id = a.run_id AND b.person_id = a.person_id AND b.attempt = a.attempt
