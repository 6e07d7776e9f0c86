-- events: bottom
-- what:   the lowest moment of each squat
-- grain:  video_id, person_id, frame_idx
-- unit:   seconds; confidence 0..1
-- needs:  kinematics, joint_angles, scales
-- source: the lowest position of the hips within 0.7 seconds before and after, at least a quarter of the leg length
--         below their height in standing, with both knees flexed by at least 60 degrees (in space, so that the view
--         does not matter), both feet at rest, and the shoulders above the hips. The standing height of the hips is
--         the height that they exceed in a tenth of the frames; the hips are near it within 4 seconds before and
--         after. Confidence is the visibility of the hips

WITH hips AS (
    SELECT
        hip.video_id,
        hip.run_id,
        hip.person_id,
        hip.frame_idx,
        hip.time_s,
        hip.quality,
        hip.y_px / scales.leg_length_px AS height,
        quantile_cont(hip.y_px / scales.leg_length_px, 0.1) OVER (PARTITION BY hip.run_id, hip.person_id) AS standing,
        hip.y_px - neck.y_px > 0.1 * scales.height_px AS is_upright,
        greatest(l.speed_px_s, r.speed_px_s) < 0.3 * scales.height_px AS has_still_feet
    FROM kinematics AS hip
    JOIN kinematics AS neck
        ON neck.run_id = hip.run_id AND neck.person_id = hip.person_id AND neck.frame_idx = hip.frame_idx AND neck.point = 'neck'
    JOIN kinematics AS l
        ON l.run_id = hip.run_id AND l.person_id = hip.person_id AND l.frame_idx = hip.frame_idx AND l.point = 'left_ankle'
    JOIN kinematics AS r
        ON r.run_id = hip.run_id AND r.person_id = hip.person_id AND r.frame_idx = hip.frame_idx AND r.point = 'right_ankle'
    JOIN scales ON scales.run_id = hip.run_id AND scales.person_id = hip.person_id
    WHERE hip.point = 'mid_hip' AND hip.quality >= 0.5
),

-- If several frames have the same height, the first one counts.
lowest AS (
    SELECT
        *,
        height - standing AS depth,
        min(height - standing) OVER before AS least_before,
        min(height - standing) OVER after AS least_after
    FROM hips
    WINDOW
        series AS (PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 0.7 PRECEDING AND 0.7 FOLLOWING),
        shortly AS (PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 0.7 PRECEDING AND 0.0001 PRECEDING),
        before AS (PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 4.0 PRECEDING AND CURRENT ROW),
        after AS (PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN CURRENT ROW AND 4.0 FOLLOWING)
    QUALIFY height = max(height) OVER series AND height > coalesce(max(height) OVER shortly, 0)
),

knees AS (
    SELECT run_id, person_id, frame_idx, min(angle_3d_deg) AS flexion_deg
    FROM joint_angles
    WHERE joint = 'knee'
    GROUP BY ALL
)

SELECT
    lowest.video_id,
    lowest.run_id,
    lowest.person_id,
    'bottom' AS kind,
    'both' AS side,
    lowest.frame_idx,
    lowest.time_s,
    'sport_pack' AS method,
    lowest.quality AS confidence
FROM lowest
JOIN knees ON knees.run_id = lowest.run_id AND knees.person_id = lowest.person_id AND knees.frame_idx = lowest.frame_idx
WHERE depth >= 0.25
    AND least_before <= 0.3 * depth
    AND least_after <= 0.3 * depth
    AND is_upright
    AND has_still_feet
    AND flexion_deg >= 60
