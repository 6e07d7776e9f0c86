-- metric: segment_peak_velocity
-- what:   the highest angular speed of each body segment, and its time: <segment>_peak_velocity_2d
-- grain:  video_id, person_id, metric, side
-- unit:   degrees per second
-- needs:  segment_angles
-- source: largest magnitude of the angular velocity of all frames; 95 % interval from velocity_error

WITH spaced AS (
    SELECT
        *,
        lead(time_s) OVER series - lag(time_s) OVER series AS interval_s
    FROM segment_angles
    WINDOW series AS (PARTITION BY run_id, person_id, segment, side ORDER BY frame_idx)
),

peaks AS (
    SELECT
        video_id,
        run_id,
        person_id,
        segment,
        side,
        max(abs(velocity_deg_s)) AS value,
        arg_max(time_s, abs(velocity_deg_s)) AS time_s,
        1.96 * arg_max(velocity_error(error_deg, velocity_deg_s, interval_s), abs(velocity_deg_s)) AS half_width,
        count(*) AS n
    FROM spaced
    WHERE velocity_deg_s IS NOT NULL
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    segment || '_peak_velocity_2d' AS metric,
    side,
    value,
    greatest(value - half_width, 0) AS low,
    value + half_width AS high,
    'deg/s' AS unit,
    n,
    time_s
FROM peaks
