-- metric: golf_hand_speed
-- what:   the highest speed of the hands in the downswing
-- grain:  video_id, person_id, side
-- unit:   meters per second
-- needs:  phases, kinematics, landmark_noise, scales
-- source: largest speed in the plane of the picture of each wrist between the top and a tenth of a second after
--         impact; the mean of all attempts. time_s is the time of the fastest attempt. Movement toward or away from
--         the camera is not measured. 95 % interval from the spread between attempts, the jitter of two positions
--         divided by the time between them, and the scale

WITH moving AS (
    SELECT
        *,
        lead(time_s) OVER series - lag(time_s) OVER series AS interval_s
    FROM kinematics
    WHERE point IN ('left_wrist', 'right_wrist')
    WINDOW series AS (PARTITION BY run_id, person_id, point ORDER BY frame_idx)
),

peaks AS (
    SELECT
        phases.video_id,
        phases.run_id,
        phases.person_id,
        phases.attempt,
        split_part(moving.point, '_', 1) AS side,
        max(moving.speed_px_s) AS peak_px_s,
        arg_max(moving.time_s, moving.speed_px_s) AS time_s,
        arg_max(moving.interval_s, moving.speed_px_s) AS interval_s
    FROM phases
    JOIN moving
        ON moving.run_id = phases.run_id AND moving.person_id = phases.person_id
        -- The peak may come shortly after the phase.
        AND moving.time_s BETWEEN phases.first_time_s AND phases.last_time_s + 0.1
    WHERE phases.phase = 'downswing' AND moving.quality >= 0.5 AND moving.speed_px_s IS NOT NULL
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
            avg(sqrt(2) * noise.clean_jitter_px / nullif(interval_s, 0)),
            count(*)
        ) AS half_width_px_s,
        arg_max(time_s, peak_px_s) AS time_s,
        count(*) AS n
    FROM peaks
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = peaks.run_id AND noise.person_id = peaks.person_id AND noise.landmark = peaks.side || '_wrist'
    GROUP BY peaks.video_id, peaks.run_id, peaks.person_id, peaks.side
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'golf_hand_speed' AS metric,
    side,
    mean_px_s * meters_per_px AS value,
    greatest(
        mean_px_s * meters_per_px - sqrt(
            pow(half_width_px_s * meters_per_px, 2) + pow(mean_px_s * (meters_per_px_high - meters_per_px_low) / 2, 2)
        ),
        0
    ) AS low,
    mean_px_s * meters_per_px + sqrt(
        pow(half_width_px_s * meters_per_px, 2) + pow(mean_px_s * (meters_per_px_high - meters_per_px_low) / 2, 2)
    ) AS high,
    'm/s' AS unit,
    n,
    time_s,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
