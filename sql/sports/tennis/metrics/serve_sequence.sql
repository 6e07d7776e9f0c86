-- metric: serve_sequence
-- what:   the order in which the body segments reach their highest angular velocity before impact:
--         serve_<segment>_peak_velocity and serve_<segment>_peak_before_impact of trunk, arm, forearm and hand of the
--         hitting side
-- grain:  video_id, person_id, metric, side
-- unit:   degrees per second, seconds
-- needs:  events, phases, segment_angles, videos
-- source: largest magnitude of the angular velocity in the plane of the picture between the trophy position and a
--         tenth of a second after impact (a negative time); the mean of all serves. Rotations about the long axis of a
--         segment, such as internal rotation of the upper arm, are not measured. Compare the order with that of trunk,
--         elbow and wrist in Fleisig et al. 2003 (Sports Biomech 2(1):51-64). 95 % interval from the spread between
--         serves; of velocities, noise of two angles divided by the time between them; of times, half a frame at each
--         end

WITH turning AS (
    SELECT
        *,
        lead(time_s) OVER series - lag(time_s) OVER series AS interval_s
    FROM segment_angles
    WHERE segment IN ('trunk', 'arm', 'forearm', 'hand')
    WINDOW series AS (PARTITION BY run_id, person_id, segment, side ORDER BY frame_idx)
),

peaks AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        turning.segment,
        turning.side,
        max(abs(velocity_deg_s)) AS peak_deg_s,
        1.0 / any_value(videos.fps) / sqrt(6) AS noise_s,
        arg_max(velocity_error(error_deg, velocity_deg_s, interval_s), abs(velocity_deg_s)) AS noise_deg_s,
        phases.last_time_s - arg_max(turning.time_s, abs(velocity_deg_s)) AS before_s
    FROM phases
    JOIN videos ON videos.video_id = phases.video_id
    JOIN events
        ON events.run_id = phases.run_id AND events.person_id = phases.person_id
        AND events.kind = 'impact' AND events.frame_idx = phases.last_frame_idx
    JOIN turning
        ON turning.run_id = phases.run_id AND turning.person_id = phases.person_id
        AND turning.side IN (events.side, 'center')
        AND turning.time_s BETWEEN phases.first_time_s AND phases.last_time_s + 0.1
    WHERE phases.phase = 'acceleration' AND turning.quality >= 0.5 AND velocity_deg_s IS NOT NULL
    GROUP BY
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        phases.last_time_s,
        turning.segment,
        turning.side
),

named AS (
    SELECT
        video_id,
        run_id,
        person_id,
        CASE side WHEN 'center' THEN 'none' ELSE side END AS side,
        unnest([
            {'metric': 'serve_' || segment || '_peak_velocity', 'value': peak_deg_s, 'noise': noise_deg_s,
                'unit': 'deg/s'},
            {'metric': 'serve_' || segment || '_peak_before_impact', 'value': before_s, 'noise': noise_s, 'unit': 's'}
        ], recursive := true)
    FROM peaks
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(value, noise)),
    unit,
    count(*) AS n
FROM named
GROUP BY video_id, run_id, person_id, metric, side, unit
