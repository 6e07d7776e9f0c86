-- metric: squat_knee_difference
-- what:   right minus left knee flexion at the bottom of the squats
-- grain:  video_id, person_id
-- unit:   degrees
-- needs:  events, joint_angles, facings
-- source: mean of all squats, in space from the world landmarks: a single view shows both knees equally well only from
--         the front or the back. 95 % interval from the spread between squats and the angles' standard errors; the
--         column note says if the difference between the sides is within the interval, or if one side is hidden

WITH differences AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        r.angle_3d_deg - l.angle_3d_deg AS difference_deg,
        sqrt(pow(l.error_3d_deg, 2) + pow(r.error_3d_deg, 2)) AS error_deg
    FROM events
    JOIN joint_angles AS l
        ON l.run_id = events.run_id AND l.person_id = events.person_id AND l.frame_idx = events.frame_idx
        AND l.joint = 'knee' AND l.side = 'left'
    JOIN joint_angles AS r
        ON r.run_id = events.run_id AND r.person_id = events.person_id AND r.frame_idx = events.frame_idx
        AND r.joint = 'knee' AND r.side = 'right'
    WHERE events.kind = 'bottom' AND least(l.quality, r.quality) >= 0.5
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(difference_deg) AS value,
        half_width(stddev_samp(difference_deg), avg(error_deg), count(*)) AS half_width,
        count(*) AS n
    FROM differences
    WHERE difference_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'squat_knee_difference' AS metric,
    'both' AS side,
    value,
    value - half_width AS low,
    value + half_width AS high,
    'deg' AS unit,
    n,
    CASE
        WHEN abs(value) <= half_width THEN 'left and right do not differ beyond the uncertainty'
        WHEN far_sides.side IS NOT NULL THEN 'one leg is away from the camera and hidden, so this is an estimate'
    END AS note
FROM summary
LEFT JOIN far_sides
    ON far_sides.video_id = summary.video_id AND far_sides.run_id = summary.run_id AND far_sides.person_id = summary.person_id
    AND far_sides.limb = 'leg'
