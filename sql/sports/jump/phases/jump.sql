-- phases: jump
-- what:   push_off (from the lowest position before take-off), flight, and absorption (from landing to the lowest
--         position after it) of each jump
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events, kinematics
-- source: position of the center of mass: its lowest position within the second before take-off, but not before the
--         landing of the previous jump, and within 0.6 seconds after landing, but not after the next take-off

WITH flights AS (
    SELECT
        take_off.video_id,
        take_off.run_id,
        take_off.person_id,
        take_off.frame_idx AS take_off_frame_idx,
        take_off.time_s AS take_off_s,
        arg_min(landing.frame_idx, landing.time_s) AS landing_frame_idx,
        min(landing.time_s) AS landing_s
    FROM events AS take_off
    JOIN events AS landing
        ON landing.run_id = take_off.run_id AND landing.person_id = take_off.person_id
        AND landing.kind = 'landing' AND landing.time_s > take_off.time_s AND landing.time_s < take_off.time_s + 2
    WHERE take_off.kind = 'take_off'
    GROUP BY ALL
),

jumps AS (
    SELECT
        *,
        row_number() OVER series AS attempt,
        greatest(take_off_s - 1, coalesce(lag(landing_s) OVER series, -1)) AS from_s,
        least(landing_s + 0.6, coalesce(lead(take_off_s) OVER series, 1e9)) AS until_s
    FROM flights
    WINDOW series AS (PARTITION BY run_id, person_id ORDER BY take_off_s)
),

turns AS (
    SELECT
        jumps.video_id,
        jumps.run_id,
        jumps.person_id,
        jumps.attempt,
        jumps.take_off_frame_idx,
        jumps.take_off_s,
        jumps.landing_frame_idx,
        jumps.landing_s,
        arg_max(body.frame_idx, body.y_px) FILTER (body.time_s BETWEEN from_s AND take_off_s) AS lowest_frame_idx,
        arg_max(body.time_s, body.y_px) FILTER (body.time_s BETWEEN from_s AND take_off_s) AS lowest_s,
        arg_max(body.frame_idx, body.y_px) FILTER (body.time_s BETWEEN landing_s AND until_s) AS absorbed_frame_idx,
        arg_max(body.time_s, body.y_px) FILTER (body.time_s BETWEEN landing_s AND until_s) AS absorbed_s
    FROM jumps
    JOIN kinematics AS body
        ON body.run_id = jumps.run_id AND body.person_id = jumps.person_id AND body.point = 'center_of_mass'
        AND body.time_s BETWEEN jumps.from_s AND jumps.until_s
    GROUP BY ALL
),

spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        attempt,
        unnest([
            {'phase': 'push_off', 'first_frame_idx': lowest_frame_idx, 'last_frame_idx': take_off_frame_idx,
                'first_time_s': lowest_s, 'last_time_s': take_off_s},
            {'phase': 'flight', 'first_frame_idx': take_off_frame_idx, 'last_frame_idx': landing_frame_idx,
                'first_time_s': take_off_s, 'last_time_s': landing_s},
            {'phase': 'absorption', 'first_frame_idx': landing_frame_idx, 'last_frame_idx': absorbed_frame_idx,
                'first_time_s': landing_s, 'last_time_s': absorbed_s}
        ], recursive := true)
    FROM turns
)

FROM spans
WHERE first_frame_idx IS NOT NULL AND last_frame_idx IS NOT NULL
