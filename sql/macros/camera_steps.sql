-- macro:      camera_steps
-- what:       the motion of cameras that move, from each frame before to each frame: a table with one row for each frame
--             to which the camera moved or may have moved, with video_id, run_id, frame_idx, time_s, center_x_px,
--             center_y_px, shift_x_px, shift_y_px, grow and turn. A point at (x, y) from the center is seen at
--             (shift_x_px + grow * x - turn * y, shift_y_px + turn * x + grow * y) afterwards if it stands still
-- parameters: camera_motion, videos: the names of the relations of that name
-- unit:       pixels; grow and turn are zoom * cos(roll) and zoom * sin(roll)
-- source:     convention of posekit: a motion that is not known is the mean of those before and after it. If one of them
--             is not known either, the columns are NULL. No rows for cameras that never move

CREATE OR REPLACE MACRO camera_steps(camera_motion := 'camera_motion', videos := 'videos') AS TABLE
WITH seen AS (
    SELECT
        motion.video_id,
        motion.run_id,
        motion.frame_idx,
        motion.time_s,
        videos.width / 2 AS center_x_px,
        videos.height / 2 AS center_y_px,
        motion.shift_x_px::DOUBLE AS shift_x_px,
        motion.shift_y_px::DOUBLE AS shift_y_px,
        motion.zoom::DOUBLE AS zoom,
        radians(motion.roll_deg) AS roll_rad,
        motion.frame_idx = min(motion.frame_idx) OVER (PARTITION BY motion.run_id) AS is_first
    FROM query_table(camera_motion) AS motion
    JOIN query_table(videos) AS videos ON videos.current_run_id = motion.run_id
    WHERE motion.run_id IN (
        SELECT run_id
        FROM query_table(camera_motion)
        WHERE shift_x_px <> 0 OR shift_y_px <> 0 OR zoom <> 1 OR roll_deg <> 0
    )
),

filled AS (
    SELECT
        * EXCLUDE (shift_x_px, shift_y_px, zoom, roll_rad),
        coalesce(shift_x_px, (lag(shift_x_px) OVER run + lead(shift_x_px) OVER run) / 2) AS shift_x_px,
        coalesce(shift_y_px, (lag(shift_y_px) OVER run + lead(shift_y_px) OVER run) / 2) AS shift_y_px,
        coalesce(zoom, (lag(zoom) OVER run + lead(zoom) OVER run) / 2) AS zoom,
        coalesce(roll_rad, (lag(roll_rad) OVER run + lead(roll_rad) OVER run) / 2) AS roll_rad
    FROM seen
    WINDOW run AS (PARTITION BY run_id ORDER BY frame_idx)
)

SELECT
    video_id,
    run_id,
    frame_idx,
    time_s,
    center_x_px,
    center_y_px,
    shift_x_px,
    shift_y_px,
    zoom * cos(roll_rad) AS grow,
    zoom * sin(roll_rad) AS turn
FROM filled
WHERE NOT is_first AND (shift_x_px IS NULL OR shift_x_px <> 0 OR shift_y_px <> 0 OR zoom <> 1 OR roll_rad <> 0);
