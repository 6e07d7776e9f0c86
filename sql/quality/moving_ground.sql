-- check:  moving_ground
-- what:   the ground moves in the picture (treadmill, moving camera): speeds and ways in meters are those in the
--         picture, not over the ground; strides are measured along the ground
-- grain:  one row per violation
-- needs:  events, clean_landmarks, scales

WITH people AS (
    SELECT video_id, run_id, person_id, median(abs(legs_per_s)) AS legs_per_s
    FROM ground_speeds()
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
