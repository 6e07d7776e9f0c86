-- view:   step_times
-- what:   steps of walking and running: from the contact of one foot to the next contact of the other foot
-- grain:  video_id, person_id, step
-- units:  seconds
-- values: step counts from 1 in order of time; side is the side of the foot that touches the floor at the end of the
--         step; low and high are the ends of the 95 % interval of step_time_s: half a frame at each end. An interval
--         of more than 1.5 seconds is a pause, not a step
-- run:    in any DuckDB client, after events.sql

CREATE OR REPLACE VIEW step_times AS
WITH contacts AS (
    SELECT
        events.video_id,
        events.video,
        events.run_id,
        events.person_id,
        events.side,
        lag(events.side) OVER feet AS side_before,
        lag(events.time_s) OVER feet AS first_time_s,
        events.time_s AS last_time_s,
        1.96 / videos.fps / sqrt(6) AS half_width_s
    FROM events
    JOIN videos ON videos.video_id = events.video_id
    WHERE events.kind = 'contact' AND events.side IN ('left', 'right')
    WINDOW feet AS (PARTITION BY events.run_id, events.person_id ORDER BY events.time_s, events.side)
),

steps AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id ORDER BY last_time_s, side) AS step
    FROM contacts
    WHERE side <> side_before AND last_time_s - first_time_s <= 1.5 AND last_time_s > first_time_s
)

SELECT
    video_id,
    video,
    run_id,
    person_id,
    step,
    side,
    first_time_s,
    last_time_s,
    last_time_s - first_time_s AS step_time_s,
    greatest(last_time_s - first_time_s - half_width_s, 0) AS low,
    last_time_s - first_time_s + half_width_s AS high,
    concat_ws('/', 'step_times', video_id, person_id, step) AS result_key
FROM steps;
