-- metric: joint_range_of_motion
-- what:   the range of motion of each joint: <joint>_range_of_motion_2d in the plane of the picture,
--         <joint>_range_of_motion_3d in space
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  joint_angles, facings
-- source: largest minus smallest angle of all frames; 95 % interval from the standard errors of both ends

WITH angles AS (
    SELECT video_id, run_id, person_id, joint, side, '2d' AS kind, angle_2d_deg AS angle_deg, error_deg
    FROM joint_angles
    UNION ALL BY NAME
    SELECT video_id, run_id, person_id, joint, side, '3d' AS kind, angle_3d_deg AS angle_deg, error_3d_deg AS error_deg
    FROM joint_angles
),

ranges AS (
    SELECT
        video_id,
        run_id,
        person_id,
        joint,
        side,
        kind,
        max(angle_deg) - min(angle_deg) AS value,
        1.96 * sqrt(pow(arg_max(error_deg, angle_deg), 2) + pow(arg_min(error_deg, angle_deg), 2)) AS half_width,
        count(angle_deg) AS n
    FROM angles
    WHERE angle_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    ranges.video_id,
    ranges.run_id,
    ranges.person_id,
    joint || '_range_of_motion_' || kind AS metric,
    side,
    value,
    greatest(value - half_width, 0) AS low,
    value + half_width AS high,
    'deg' AS unit,
    n,
    CASE WHEN kind = '2d' THEN side_views.note END AS note
FROM ranges
LEFT JOIN side_views ON side_views.run_id = ranges.run_id AND side_views.person_id = ranges.person_id
