-- macro:      phases_between
-- what:       phases that last from one event to another: a table with the columns of phases. The first event of each
--             kind belongs to the first attempt, the second one to the second attempt, and so on: the events of an
--             attempt must be found all together or not at all
-- parameters: spans: a list of {'phase', 'from_kind', 'to_kind'}; events: the name of the relation of that name
-- unit:       seconds, frames
-- source:     definition

CREATE OR REPLACE MACRO phases_between(spans, events := 'events') AS TABLE
WITH names AS (
    SELECT unnest(spans, recursive := true)
),

numbered AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, kind ORDER BY time_s) AS attempt
    FROM query_table(events)
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
    ON b.kind = names.to_kind AND b.run_id = a.run_id AND b.person_id = a.person_id AND b.attempt = a.attempt;
