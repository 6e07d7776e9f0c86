-- check:  moving_ground
-- what:   the ground moves in the picture (treadmill, moving camera): speeds and ways in meters are those in the
--         picture, not over the ground; strides are measured along the ground
-- grain:  one row per violation
-- needs:  events, clean_landmarks, scales

WITH stances AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        regr_slope(toes.x_px, toes.time_s) / any_value(scales.leg_length_px) AS legs_per_s
    FROM strides
    JOIN scales ON scales.run_id = strides.run_id AND scales.person_id = strides.person_id
    JOIN clean_landmarks AS toes
        ON toes.run_id = strides.run_id AND toes.person_id = strides.person_id
        AND toes.landmark = strides.side || '_foot_index'
        AND toes.time_s BETWEEN start_time_s + 0.3 * (toe_off_time_s - start_time_s)
            AND start_time_s + 0.7 * (toe_off_time_s - start_time_s)
    GROUP BY strides.video_id, strides.run_id, strides.person_id, strides.side, strides.start_frame_idx
),

people AS (
    SELECT video_id, run_id, person_id, median(abs(legs_per_s)) AS legs_per_s
    FROM stances
    GROUP BY video_id, run_id, person_id
)

SELECT
    video_id,
    run_id,
    person_id,
    'warning' AS severity,
    legs_per_s AS value,
    format('the foot on the ground moves at {:.1f} leg lengths a second in the picture', legs_per_s) AS problem
FROM people
WHERE legs_per_s >= 0.3
