-- metric: joint_peak_flexion
-- what:   the largest angle of each joint and its time: <joint>_peak_flexion_2d in the plane of the picture,
--         <joint>_peak_flexion_3d in space (dorsiflexion for the ankle)
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  joint_angles, facings
-- source: largest angle of all frames; 95 % interval from its standard error in that frame, which is large if its
--         landmarks are hardly visible

WITH peaks AS (
    SELECT
        video_id,
        run_id,
        person_id,
        joint,
        side,
        '2d' AS kind,
        max(angle_2d_deg) AS value,
        arg_max(time_s, angle_2d_deg) AS time_s,
        1.96 * arg_max(error_deg, angle_2d_deg) AS half_width,
        count(angle_2d_deg) AS n
    FROM joint_angles
    WHERE angle_2d_deg IS NOT NULL
    GROUP BY ALL
    UNION ALL BY NAME
    SELECT
        video_id,
        run_id,
        person_id,
        joint,
        side,
        '3d' AS kind,
        max(angle_3d_deg) AS value,
        arg_max(time_s, angle_3d_deg) AS time_s,
        1.96 * arg_max(error_3d_deg, angle_3d_deg) AS half_width,
        count(angle_3d_deg) AS n
    FROM joint_angles
    WHERE angle_3d_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    peaks.video_id,
    peaks.run_id,
    peaks.person_id,
    joint || '_peak_flexion_' || kind AS metric,
    side,
    value,
    value - half_width AS low,
    value + half_width AS high,
    'deg' AS unit,
    n,
    time_s,
    CASE WHEN kind = '2d' THEN side_views.note END AS note
FROM peaks
LEFT JOIN side_views ON side_views.run_id = peaks.run_id AND side_views.person_id = peaks.person_id
