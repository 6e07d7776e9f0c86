-- metric: center_of_mass
-- what:   speed and height of the center of mass over the whole video: center_of_mass_peak_speed,
--         center_of_mass_mean_speed, and center_of_mass_vertical_range between its highest and its lowest position; over
--         the scene, whatever the camera does
-- grain:  video_id, person_id, metric
-- unit:   meters per second, meters
-- needs:  kinematics, scales, camera_motion, videos
-- source: de Leva 1996 (see kinematics); 95 % interval from the scale and the standard errors of the landmarks

WITH moving_cameras AS (
    SELECT DISTINCT run_id
    FROM camera_steps()
),

timed AS (
    SELECT
        kinematics.*,
        kinematics.time_s - lag(kinematics.time_s) OVER series AS since_s,
        lead(kinematics.time_s) OVER series - lag(kinematics.time_s) OVER series AS interval_s
    FROM kinematics
    WHERE kinematics.point = 'center_of_mass'
    WINDOW series AS (PARTITION BY kinematics.run_id, kinematics.person_id ORDER BY kinematics.frame_idx)
),

moving AS (
    SELECT
        timed.video_id,
        timed.run_id,
        timed.person_id,
        timed.time_s,
        -- Under a moving camera, the height in the scene is the way up and down so far.
        CASE
            WHEN moving_cameras.run_id IS NULL THEN timed.y_px
            ELSE sum(-coalesce(timed.velocity_y_px_s * timed.since_s, 0)) OVER series
        END AS y_px,
        timed.speed_m_s,
        scales.meters_per_px,
        scales.method,
        (scales.meters_per_px_high - scales.meters_per_px_low) / 2 / scales.meters_per_px AS scale_error,
        timed.error_px * scales.meters_per_px AS error_m,
        timed.interval_s
    FROM timed
    JOIN scales ON scales.run_id = timed.run_id AND scales.person_id = timed.person_id
    LEFT JOIN moving_cameras ON moving_cameras.run_id = timed.run_id
    WHERE scales.meters_per_px IS NOT NULL
    WINDOW series AS (PARTITION BY timed.run_id, timed.person_id ORDER BY timed.frame_idx)
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        any_value(method) AS method,
        any_value(scale_error) AS scale_error,
        sqrt(pow(arg_max(error_m, y_px), 2) + pow(arg_min(error_m, y_px), 2)) AS range_error_m,
        -- Errors of half a second are alike.
        avg(velocity_error(error_m, 0, interval_s)) / sqrt(greatest((max(time_s) - min(time_s)) / 0.5, 1)) AS mean_error_m_s,
        max(speed_m_s) AS peak_m_s,
        arg_max(time_s, speed_m_s) AS peak_time_s,
        arg_max(velocity_error(error_m, 0, interval_s), speed_m_s) AS speed_error_m_s,
        avg(speed_m_s) AS mean_m_s,
        (max(y_px) - min(y_px)) * any_value(meters_per_px) AS range_m,
        count(speed_m_s) AS n
    FROM moving
    GROUP BY ALL
),

named AS (
    SELECT
        *,
        unnest([
            {'metric': 'center_of_mass_peak_speed', 'value': peak_m_s, 'error': speed_error_m_s, 'unit': 'm/s', 'time_s': peak_time_s},
            {'metric': 'center_of_mass_mean_speed', 'value': mean_m_s, 'error': mean_error_m_s, 'unit': 'm/s', 'time_s': NULL},
            {'metric': 'center_of_mass_vertical_range', 'value': range_m, 'error': range_error_m, 'unit': 'm', 'time_s': NULL}
        ], recursive := true)
    FROM summary
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'none' AS side,
    value,
    greatest(value - sqrt(pow(value * scale_error, 2) + pow(1.96 * error, 2)), 0) AS low,
    value + sqrt(pow(value * scale_error, 2) + pow(1.96 * error, 2)) AS high,
    unit,
    n,
    time_s,
    method AS scale
FROM named
WHERE value IS NOT NULL
