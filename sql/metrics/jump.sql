-- metric: jump
-- what:   the highest jump: jump_flight_time; jump_height_flight, computed from the flight time; jump_height_rise, the
--         rise of the center of mass above its height at take-off; jump_height_difference between the two heights
-- grain:  video_id, person_id, metric
-- unit:   seconds, meters
-- needs:  events, kinematics, clean_landmarks, scales, videos
-- source: g t^2 / 8 with g = 9.80665 m/s^2 (Bosco, Luhtanen, Komi 1983). If the feet land more than 0.1 leg lengths
--         higher or lower than they took off: the projectile formula with that drop, (g t / 2 - drop / t)^2 / 2 g. The
--         flight time method assumes that the person lands in the posture of take-off; bent legs make
--         jump_height_flight too high, and jump_height_difference shows it. 95 % interval from half a frame at each
--         end, and from the scale

WITH flights AS (
    SELECT
        take_off.video_id,
        take_off.run_id,
        take_off.person_id,
        take_off.time_s AS start_s,
        take_off.frame_idx AS start_frame_idx,
        min(landing.time_s) AS end_s,
        min(landing.frame_idx) AS end_frame_idx,
        videos.fps
    FROM events AS take_off
    JOIN events AS landing
        ON landing.run_id = take_off.run_id AND landing.person_id = take_off.person_id
        AND landing.kind = 'landing' AND landing.time_s > take_off.time_s
    JOIN videos ON videos.video_id = take_off.video_id
    WHERE take_off.kind = 'take_off'
    GROUP BY ALL
),

rises AS (
    SELECT
        flights.*,
        end_s - start_s AS flight_s,
        -- Both ends of the flight are uniformly distributed within a frame.
        1.96 / fps / sqrt(6) AS flight_half_width,
        (
            arg_min(kinematics.y_px, kinematics.frame_idx) - min(kinematics.y_px)
        ) * any_value(scales.meters_per_px) AS rise_m,
        any_value((scales.meters_per_px_high - scales.meters_per_px_low) / 2 / scales.meters_per_px) AS scale_error,
        any_value(scales.method) AS method
    FROM flights
    LEFT JOIN kinematics
        ON kinematics.run_id = flights.run_id AND kinematics.person_id = flights.person_id
        AND kinematics.point = 'center_of_mass'
        AND kinematics.frame_idx BETWEEN flights.start_frame_idx AND flights.end_frame_idx
    LEFT JOIN scales ON scales.run_id = flights.run_id AND scales.person_id = flights.person_id
    GROUP BY ALL
),

-- The lowest point of the feet in each frame, y down.
feet AS (
    SELECT run_id, person_id, frame_idx, max(y_px) AS y_px
    FROM clean_landmarks
    WHERE landmark_id BETWEEN 29 AND 32
    GROUP BY ALL
),

drops AS (
    SELECT
        rises.*,
        CASE WHEN abs(after.y_px - before.y_px) > 0.1 * scales.leg_length_px
            THEN (after.y_px - before.y_px) * scales.meters_per_px
            ELSE 0
        END AS drop_m
    FROM rises
    LEFT JOIN feet AS before
        ON before.run_id = rises.run_id AND before.person_id = rises.person_id AND before.frame_idx = rises.start_frame_idx
    LEFT JOIN feet AS after
        ON after.run_id = rises.run_id AND after.person_id = rises.person_id AND after.frame_idx = rises.end_frame_idx
    LEFT JOIN scales ON scales.run_id = rises.run_id AND scales.person_id = rises.person_id
),

best AS (
    SELECT
        *,
        pow(9.80665 * flight_s / 2 - coalesce(drop_m, 0) / flight_s, 2) / (2 * 9.80665) AS flight_m,
        count(*) OVER (PARTITION BY run_id, person_id) AS n
    FROM drops
    QUALIFY row_number() OVER (PARTITION BY run_id, person_id ORDER BY flight_s DESC) = 1
),

named AS (
    SELECT
        *,
        unnest([
            {'metric': 'jump_flight_time', 'value': flight_s, 'half_width': flight_half_width, 'unit': 's', 'scale': NULL},
            {'metric': 'jump_height_flight', 'value': flight_m,
                'half_width': sqrt(pow(9.80665 * flight_s / 4 * flight_half_width, 2)
                    + pow(coalesce(drop_m, 0) / 2 * coalesce(scale_error, 0), 2)),
                'unit': 'm', 'scale': CASE WHEN drop_m <> 0 THEN method END},
            {'metric': 'jump_height_rise', 'value': rise_m, 'half_width': abs(rise_m) * scale_error, 'unit': 'm', 'scale': method},
            {'metric': 'jump_height_difference', 'value': flight_m - rise_m,
                'half_width': sqrt(pow(9.80665 * flight_s / 4 * flight_half_width, 2) + pow(rise_m * scale_error, 2)),
                'unit': 'm', 'scale': method}
        ], recursive := true)
    FROM best
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'both' AS side,
    value,
    CASE WHEN metric = 'jump_height_difference' THEN value - half_width ELSE greatest(value - half_width, 0) END AS low,
    value + half_width AS high,
    unit,
    n,
    start_s AS time_s,
    scale,
    CASE WHEN metric = 'jump_height_difference' AND abs(value) <= half_width
        THEN 'the two heights do not differ beyond the uncertainty'
    END AS note
FROM named
WHERE value IS NOT NULL
