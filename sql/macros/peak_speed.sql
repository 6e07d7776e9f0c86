-- macro:      peak_speed
-- what:       the highest speed of a point of the body in spans of time and a tenth of a second after each, the mean of
--             all attempts: a table with one row for each person and side, with video_id, run_id, person_id, side,
--             value, low, high, n, time_s (of the fastest attempt) and scale
-- parameters: spans: the name of a relation of phases with the column side, one for each attempt (`both`: each side is
--             measured); of_point: the point without its side, such as wrist; kinematics, scales: the names of the
--             relations of that name
-- unit:       meters per second
-- source:     largest speed in the plane of the picture: movement toward or away from the camera is not measured. 95 %
--             interval from the spread between attempts, the error of the speed (velocity_error) and the scale

CREATE OR REPLACE MACRO peak_speed(
    spans,
    of_point,
    kinematics := 'kinematics',
    scales := 'scales'
) AS TABLE
WITH moving AS (
    SELECT
        *,
        split_part(point, '_', 1) AS side,
        lead(time_s) OVER series - lag(time_s) OVER series AS interval_s
    FROM query_table(kinematics)
    WHERE point IN ('left_' || of_point, 'right_' || of_point)
    WINDOW series AS (PARTITION BY run_id, person_id, point ORDER BY frame_idx)
),

peaks AS (
    SELECT
        span.video_id,
        span.run_id,
        span.person_id,
        span.attempt,
        moving.side,
        max(moving.speed_px_s) AS peak_px_s,
        arg_max(moving.time_s, moving.speed_px_s) AS time_s,
        arg_max(velocity_error(moving.error_px, moving.speed_px_s, moving.interval_s), moving.speed_px_s) AS noise_px_s
    FROM query_table(spans) AS span
    JOIN moving
        ON moving.run_id = span.run_id AND moving.person_id = span.person_id AND span.side IN (moving.side, 'both')
        -- The peak may come shortly after the span.
        AND moving.time_s BETWEEN span.first_time_s AND span.last_time_s + 0.1
    WHERE moving.quality >= 0.5 AND moving.speed_px_s IS NOT NULL
    GROUP BY ALL
),

summary AS (
    SELECT
        peaks.video_id,
        peaks.run_id,
        peaks.person_id,
        peaks.side,
        avg(peak_px_s) AS mean_px_s,
        half_width(
            stddev_samp(peak_px_s),
            avg(noise_px_s),
            count(*)
        ) AS half_width_px_s,
        arg_max(time_s, peak_px_s) AS time_s,
        count(*) AS n
    FROM peaks
    GROUP BY peaks.video_id, peaks.run_id, peaks.person_id, peaks.side
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    side,
    unnest(scaled_interval(mean_px_s, half_width_px_s, scale, lowest := 0)),
    n,
    time_s,
    scale.method AS scale
FROM summary
JOIN query_table(scales) AS scale ON scale.run_id = summary.run_id AND scale.person_id = summary.person_id
WHERE scale.meters_per_px IS NOT NULL;
