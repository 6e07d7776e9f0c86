-- check:  moving_camera
-- what:   the camera moves (in more than a tenth of the frames, or by more than 2 % of the picture's width a second): its
--         motion is taken out of speeds over the scene. Where it is not known, there are no speeds
-- grain:  one row per violation
-- needs:  camera_motion, videos

WITH motion AS (
    SELECT
        camera_motion.video_id,
        camera_motion.run_id,
        count(shift_x_px) AS n_known,
        -- The first frame of a segment has no frame before it.
        count(*) FILTER (share IS NOT NULL AND shift_x_px IS NULL) AS n_unknown,
        count(*) FILTER (shift_x_px <> 0 OR shift_y_px <> 0 OR zoom <> 1 OR roll_deg <> 0) AS n_moving,
        sum(sqrt(shift_x_px * shift_x_px + shift_y_px * shift_y_px)) / any_value(videos.width) AS way_widths,
        (max(camera_motion.time_s) - min(camera_motion.time_s)) AS duration_s
    FROM camera_motion
    JOIN videos ON videos.current_run_id = camera_motion.run_id
    GROUP BY camera_motion.video_id, camera_motion.run_id
)

SELECT
    video_id,
    run_id,
    'warning' AS severity,
    100 * n_moving / n_known AS value,
    format(
        'the camera moves in {:.0f} % of the frames, by {:.0f} % of the width of the picture a second',
        100 * n_moving / n_known,
        100 * way_widths / nullif(duration_s, 0)
    ) || CASE
        WHEN n_unknown > 0.02 * (n_known + n_unknown)
            THEN format('; its motion is not known in {:.0f} %', 100 * n_unknown / (n_known + n_unknown))
        ELSE ''
    END AS problem
FROM motion
WHERE n_moving > 0.1 * n_known OR way_widths > 0.02 * duration_s
