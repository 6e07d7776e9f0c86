-- metric: jump
-- what:   the highest jump: jump_flight_time; jump_height_flight, computed from the flight time; jump_height_rise, the
--         rise of the center of mass above its height at take-off; jump_height_difference between the two heights
-- grain:  video_id, person_id, metric
-- unit:   seconds, meters
-- needs:  events, kinematics, clean_landmarks, scales, videos
-- source: g t^2 / 8 with g = 9.80665 m/s^2 (Bosco, Luhtanen, Komi 1983). If the feet land more than 0.1 leg lengths
--         higher or lower than they took off: the projectile formula with that drop, (g t / 2 - drop / t)^2 / 2 g. The
--         flight time method assumes that the person lands in the posture of take-off; bent legs make
--         jump_height_flight too high, and jump_height_difference shows it. The rise is from the moment of take-off,
--         between frames, to the top of the parabola through the highest frame and its neighbors. 95 % interval from
--         half a frame and the error of the event (event_error_s) at each end (times the speed there), from the scale,
--         and from how far the center of mass strays from free fall during the flight: a body that the network loses in
--         the air also lands at a doubtful moment

WITH flights AS (
    SELECT
        take_off.video_id,
        take_off.run_id,
        take_off.person_id,
        take_off.time_s AS start_s,
        min(landing.time_s) AS end_s,
        videos.fps
    FROM events AS take_off
    JOIN events AS landing
        ON landing.run_id = take_off.run_id AND landing.person_id = take_off.person_id
        AND landing.kind = 'landing' AND landing.time_s > take_off.time_s
    JOIN videos ON videos.video_id = take_off.video_id
    WHERE take_off.kind = 'take_off'
    GROUP BY ALL
),

centers AS (
    SELECT
        run_id,
        person_id,
        time_s,
        y_px::DOUBLE AS y_px,
        lag(time_s) OVER series AS last_s,
        lead(time_s) OVER series AS next_s,
        lead(y_px) OVER series AS next_px,
        central_velocity(lag(y_px) OVER series, y_px, lead(y_px) OVER series, lag(time_s) OVER series, time_s, lead(time_s) OVER series) AS v,
        central_acceleration(lag(y_px) OVER series, y_px, lead(y_px) OVER series, lag(time_s) OVER series, time_s, lead(time_s) OVER series) AS a
    FROM kinematics
    WHERE point = 'center_of_mass' AND y_px IS NOT NULL
    WINDOW series AS (PARTITION BY run_id, person_id ORDER BY frame_idx)
),

-- The center of mass, y down. What is left of its height without the path of free fall lies on a straight line.
paths AS (
    SELECT
        flights.*,
        max(value_between(y_px, next_px, time_s, next_s, start_s)) FILTER (time_s <= start_s) AS take_off_px,
        -- A neighbor on the ground is not on the parabola.
        arg_min(
            CASE WHEN last_s >= start_s AND next_s <= end_s THEN y_px - coalesce(v * v / nullif(2 * a, 0), 0) ELSE y_px END, y_px
        ) FILTER (time_s BETWEEN start_s AND end_s) AS top_px,
        any_value(scales.meters_per_px) AS meters_per_px,
        any_value((scales.meters_per_px_high - scales.meters_per_px_low) / 2 / scales.meters_per_px) AS scale_error,
        any_value(scales.method) AS method,
        any_value(scales.leg_length_px) AS leg_length_px,
        regr_count(left_m, time_s) FILTER (time_s BETWEEN start_s AND end_s) AS n_in_air,
        regr_syy(left_m, time_s) FILTER (time_s BETWEEN start_s AND end_s) AS syy,
        regr_sxy(left_m, time_s) FILTER (time_s BETWEEN start_s AND end_s) AS sxy,
        regr_sxx(left_m, time_s) FILTER (time_s BETWEEN start_s AND end_s) AS sxx
    FROM flights
    LEFT JOIN scales ON scales.run_id = flights.run_id AND scales.person_id = flights.person_id
    LEFT JOIN (
        SELECT centers.*, y_px * scales.meters_per_px - 9.80665 / 2 * time_s * time_s AS left_m
        FROM centers
        LEFT JOIN scales USING (run_id, person_id)
    ) AS centers
        ON centers.run_id = flights.run_id AND centers.person_id = flights.person_id
        AND centers.time_s <= end_s AND coalesce(next_s, 'infinity') > start_s
    GROUP BY ALL
),

-- The lowest point of the feet in each frame, y down.
feet AS (
    SELECT run_id, person_id, frame_idx, time_s, max(y_px)::DOUBLE AS y_px
    FROM clean_landmarks
    WHERE landmark_id BETWEEN 29 AND 32 AND y_px IS NOT NULL
    GROUP BY ALL
),

steps AS (
    SELECT
        *,
        lead(time_s) OVER series AS next_s,
        lead(y_px) OVER series AS next_px
    FROM feet
    WINDOW series AS (PARTITION BY run_id, person_id ORDER BY frame_idx)
),

drops AS (
    SELECT
        paths.*,
        value_between(after.y_px, after.next_px, after.time_s, after.next_s, end_s)
        - value_between(before.y_px, before.next_px, before.time_s, before.next_s, start_s) AS drop_px
    FROM paths
    LEFT JOIN steps AS before
        ON before.run_id = paths.run_id AND before.person_id = paths.person_id
        AND before.time_s <= start_s AND coalesce(before.next_s, 'infinity') > start_s
    LEFT JOIN steps AS after
        ON after.run_id = paths.run_id AND after.person_id = paths.person_id
        AND after.time_s <= end_s AND coalesce(after.next_s, 'infinity') > end_s
),

flown AS (
    SELECT
        *,
        end_s - start_s AS flight_s,
        (take_off_px - top_px) * meters_per_px AS rise_m,
        CASE WHEN abs(drop_px) > 0.1 * leg_length_px THEN drop_px * meters_per_px ELSE 0 END AS drop_m,
        coalesce(sqrt(greatest(syy - sxy * sxy / nullif(sxx, 0), 0) / nullif(greatest(n_in_air - 2, 0), 0)), 0) AS stray_m
    FROM drops
),

best AS (
    SELECT
        *,
        pow(9.80665 * flight_s / 2 - coalesce(drop_m, 0) / flight_s, 2) / (2 * 9.80665) AS flight_m,
        -- Both ends of the flight are uniformly distributed within a frame; the body lands at a speed of g t / 2.
        1.96 * sqrt(
            pow(1 / fps, 2) / 6 + pow(span_error_s('take_off', 'landing'), 2) + pow(stray_m / (9.80665 * flight_s / 2), 2)
        ) AS flight_half_width,
        -- The body takes off at the speed that carries it to the top, so half a frame is that much of its rise.
        1.96 * sqrt(
            2 * 9.80665 * greatest(rise_m, 0) * (pow(1 / fps, 2) / 12 + pow(event_error_s('take_off'), 2)) + pow(stray_m, 2)
        ) AS rise_half_width,
        count(*) OVER (PARTITION BY run_id, person_id) AS n
    FROM flown
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
            {'metric': 'jump_height_rise', 'value': rise_m,
                'half_width': sqrt(pow(rise_m * scale_error, 2) + pow(rise_half_width, 2)), 'unit': 'm', 'scale': method},
            -- A take-off that is too early makes the rise too high by twice what it adds to the other height, so the
            -- error of their difference is that of the flight.
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
