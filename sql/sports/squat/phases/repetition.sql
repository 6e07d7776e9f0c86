-- phases: repetition
-- what:   descent (from standing to the bottom) and ascent (from the bottom to standing) of each squat
-- grain:  video_id, person_id, attempt, phase
-- unit:   seconds, frames
-- needs:  events, kinematics
-- source: a squat begins and ends when the hips are a tenth of its depth below their highest position within the 4
--         seconds before and after the bottom, but not beyond the bottoms of the neighboring squats

WITH bottoms AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.frame_idx,
        events.time_s,
        hip.y_px AS bottom_y_px,
        row_number() OVER series AS attempt,
        greatest(events.time_s - 4, coalesce(lag(events.time_s) OVER series, -1)) AS from_s,
        least(events.time_s + 4, coalesce(lead(events.time_s) OVER series, 1e9)) AS until_s
    FROM events
    JOIN kinematics AS hip
        ON hip.run_id = events.run_id AND hip.person_id = events.person_id AND hip.frame_idx = events.frame_idx
        AND hip.point = 'mid_hip'
    WHERE events.kind = 'bottom'
    WINDOW series AS (PARTITION BY events.run_id, events.person_id ORDER BY events.time_s)
),

ways AS (
    SELECT
        bottoms.video_id,
        bottoms.run_id,
        bottoms.person_id,
        bottoms.attempt,
        bottoms.frame_idx AS bottom_frame_idx,
        bottoms.time_s AS bottom_time_s,
        hip.frame_idx,
        hip.time_s,
        CASE WHEN hip.time_s < bottoms.time_s THEN 'descent' ELSE 'ascent' END AS phase,
        (hip.y_px - min(hip.y_px) OVER way) / nullif(bottom_y_px - min(hip.y_px) OVER way, 0) AS share
    FROM bottoms
    JOIN kinematics AS hip
        ON hip.run_id = bottoms.run_id AND hip.person_id = bottoms.person_id AND hip.point = 'mid_hip'
        AND hip.time_s > bottoms.from_s AND hip.time_s < bottoms.until_s AND hip.frame_idx <> bottoms.frame_idx
    WINDOW way AS (PARTITION BY bottoms.run_id, bottoms.person_id, bottoms.attempt, hip.time_s < bottoms.time_s)
),

ends AS (
    SELECT
        video_id,
        run_id,
        person_id,
        attempt,
        phase,
        any_value(bottom_frame_idx) AS bottom_frame_idx,
        any_value(bottom_time_s) AS bottom_time_s,
        arg_min(frame_idx, abs(time_s - bottom_time_s)) AS end_frame_idx,
        arg_min(time_s, abs(time_s - bottom_time_s)) AS end_time_s
    FROM ways
    WHERE share <= 0.1
    GROUP BY video_id, run_id, person_id, attempt, phase
)

SELECT
    video_id,
    run_id,
    person_id,
    attempt,
    phase,
    least(end_frame_idx, bottom_frame_idx) AS first_frame_idx,
    greatest(end_frame_idx, bottom_frame_idx) AS last_frame_idx,
    least(end_time_s, bottom_time_s) AS first_time_s,
    greatest(end_time_s, bottom_time_s) AS last_time_s
FROM ends
