-- metric: reactive_strength
-- what:   values of jumps that immediately follow a landing: jump_contact_time, the time on the floor between landing
--         and take-off, and reactive_strength_index; the mean of all such jumps
-- grain:  video_id, person_id, metric
-- unit:   seconds, meters per second
-- needs:  phases, videos
-- source: height of the jump from its flight time (g t^2 / 8) divided by the contact time before it (Young 1995;
--         Flanagan and Comyns 2008, Strength Cond J 30(5):32-38); only contacts of less than a second. 95 % interval
--         from the spread between jumps, half a frame at each end of contact and flight, and the errors of take-offs and
--         landings (event_error_s), which do not average out

WITH rebounds AS (
    SELECT
        flight.video_id,
        flight.run_id,
        flight.person_id,
        flight.first_time_s - before.last_time_s AS contact_s,
        flight.last_time_s - flight.first_time_s AS flight_s,
        1 / videos.fps / sqrt(6) AS noise_s,
        event_error_s('take_off') AS take_off_error_s,
        event_error_s('landing') AS landing_error_s
    FROM phases AS flight
    JOIN phases AS before
        ON before.run_id = flight.run_id AND before.person_id = flight.person_id
        AND before.phase = 'flight' AND before.attempt = flight.attempt - 1
    JOIN videos ON videos.video_id = flight.video_id
    WHERE flight.phase = 'flight'
        AND flight.first_time_s - before.last_time_s < 1
        AND flight.first_time_s > before.last_time_s
),

named AS (
    SELECT
        video_id,
        run_id,
        person_id,
        unnest([
            {'metric': 'jump_contact_time', 'value': contact_s, 'noise': noise_s,
                'bias': span_error_s('landing', 'take_off'), 'unit': 's'},
            {'metric': 'reactive_strength_index', 'value': 9.80665 * flight_s * flight_s / 8 / contact_s,
                'noise': 9.80665 * flight_s * flight_s / 8 / contact_s
                    * sqrt(pow(2 * noise_s / flight_s, 2) + pow(noise_s / contact_s, 2)),
                -- A take-off that is too early makes the flight longer and the contact shorter, a late landing as well.
                'bias': 9.80665 * flight_s * flight_s / 8 / contact_s * (2 / flight_s + 1 / contact_s)
                    * span_error_s('landing', 'take_off'),
                'unit': 'm/s'}
        ], recursive := true)
    FROM rebounds
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'both' AS side,
    unnest(mean_interval(value, noise, lowest := 0, bias := bias)),
    unit,
    count(*) AS n
FROM named
GROUP BY video_id, run_id, person_id, metric, unit
