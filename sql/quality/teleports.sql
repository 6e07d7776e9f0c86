-- check:  teleports
-- what:   the middle of the hips moves farther from one frame to the next than a person of this size can move (more
--         than 15 body heights per second)
-- grain:  one row per violation
-- needs:  kinematics, scales

WITH steps AS (
    SELECT
        kinematics.video_id,
        kinematics.run_id,
        kinematics.person_id,
        kinematics.frame_idx,
        kinematics.time_s,
        distance(x_px, y_px, lag(x_px) OVER series, lag(y_px) OVER series)
            / nullif(kinematics.time_s - lag(kinematics.time_s) OVER series, 0) / scales.height_px AS heights_per_s
    FROM kinematics
    JOIN scales ON scales.run_id = kinematics.run_id AND scales.person_id = kinematics.person_id
    WHERE kinematics.point = 'mid_hip'
    WINDOW series AS (PARTITION BY kinematics.run_id, kinematics.person_id ORDER BY kinematics.frame_idx)
)

SELECT
    video_id,
    run_id,
    person_id,
    'error' AS severity,
    frame_idx,
    time_s,
    heights_per_s AS value,
    format('the hips move {:.0f} body heights per second', heights_per_s) AS problem
FROM steps
WHERE heights_per_s > 15
