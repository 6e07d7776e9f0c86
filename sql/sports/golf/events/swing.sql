-- events: swing
-- what:   address, top_of_backswing, impact (estimated) and finish of each full swing
-- grain:  video_id, person_id, kind, frame_idx
-- unit:   seconds; confidence 0..1
-- needs:  kinematics, scales
-- source: all events come from the hands: the middle of both wrists, which hold the club together (at most a fifth of
--         the standing height apart). A swing is a peak of the speed of the hands of at least 1.5 standing heights per
--         second, the only such peak within 1.5 seconds before and after. Top: the highest position of the hands
--         within 0.8 seconds before the peak, above the middle of the trunk. Address: the last moment within 2.5
--         seconds before the top at which the hands are at rest (less than 0.15 heights per second) below the height
--         of the hips plus a tenth. Impact: the moment within 0.8 seconds after the top at which the hands are nearest
--         to their position at address; it is estimated because club and ball are not tracked. Finish: the highest
--         position of the hands within 1.5 seconds after impact. Stages as in McNally et al. 2019 (GolfDB, CVPR
--         workshops). Confidence is the visibility of the less visible wrist

WITH hands AS (
    SELECT
        l.video_id,
        l.run_id,
        l.person_id,
        l.frame_idx,
        l.time_s,
        (l.x_px + r.x_px) / 2 / height_px AS x,
        (l.y_px + r.y_px) / 2 / height_px AS y,
        distance(l.velocity_x_px_s, l.velocity_y_px_s, -r.velocity_x_px_s, -r.velocity_y_px_s) / 2 / height_px AS speed,
        least(l.quality, r.quality) AS quality,
        neck.y_px / height_px AS neck_y,
        hip.y_px / height_px AS hip_y
    FROM kinematics AS l
    JOIN kinematics AS r
        ON r.run_id = l.run_id AND r.person_id = l.person_id AND r.frame_idx = l.frame_idx AND r.point = 'right_wrist'
    JOIN kinematics AS neck
        ON neck.run_id = l.run_id AND neck.person_id = l.person_id AND neck.frame_idx = l.frame_idx AND neck.point = 'neck'
    JOIN kinematics AS hip
        ON hip.run_id = l.run_id AND hip.person_id = l.person_id AND hip.frame_idx = l.frame_idx AND hip.point = 'mid_hip'
    JOIN scales ON scales.run_id = l.run_id AND scales.person_id = l.person_id
    -- One visible wrist is enough, because one wrist sometimes hides the other.
    WHERE l.point = 'left_wrist'
        AND greatest(l.quality, r.quality) >= 0.5
        AND distance(l.x_px, l.y_px, r.x_px, r.y_px) <= 0.2 * height_px
),

peaks AS (
    SELECT video_id, run_id, person_id, time_s AS fast_s
    FROM hands
    QUALIFY speed >= 1.5
        AND speed = max(speed) OVER (
            PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 1.5 PRECEDING AND 1.5 FOLLOWING
        )
),

tops AS (
    SELECT
        peaks.*,
        arg_min({'frame_idx': frame_idx, 'time_s': time_s, 'y': y, 'quality': quality, 'middle_y': (neck_y + hip_y) / 2}, y) AS top
    FROM peaks
    JOIN hands USING (video_id, run_id, person_id)
    WHERE time_s BETWEEN fast_s - 0.8 AND fast_s
    GROUP BY ALL
),

addresses AS (
    SELECT
        tops.*,
        arg_max({'frame_idx': frame_idx, 'time_s': time_s, 'x': x, 'y': y, 'quality': quality}, time_s) AS address
    FROM tops
    JOIN hands USING (video_id, run_id, person_id)
    WHERE top.y < top.middle_y
        AND time_s BETWEEN top.time_s - 2.5 AND top.time_s - 0.25
        AND speed < 0.15
        AND y > hip_y - 0.1
        AND y > top.y + 0.2
    GROUP BY ALL
),

impacts AS (
    SELECT
        addresses.*,
        arg_min({'frame_idx': frame_idx, 'time_s': time_s, 'quality': quality}, distance(x, y, address.x, address.y)) AS impact
    FROM addresses
    JOIN hands USING (video_id, run_id, person_id)
    WHERE time_s > top.time_s AND time_s <= top.time_s + 0.8
    GROUP BY ALL
    HAVING min(distance(x, y, address.x, address.y)) <= 0.15
),

finishes AS (
    SELECT
        impacts.*,
        arg_min({'frame_idx': frame_idx, 'time_s': time_s, 'quality': quality}, y) AS finish
    FROM impacts
    JOIN hands USING (video_id, run_id, person_id)
    WHERE time_s > impact.time_s AND time_s <= impact.time_s + 1.5
    GROUP BY ALL
    HAVING min(y) < any_value(address.y) - 0.2
)

SELECT
    video_id,
    run_id,
    person_id,
    unnest([
        {'kind': 'address', 'frame_idx': address.frame_idx, 'time_s': address.time_s, 'confidence': address.quality},
        {'kind': 'top_of_backswing', 'frame_idx': top.frame_idx, 'time_s': top.time_s, 'confidence': top.quality},
        {'kind': 'impact', 'frame_idx': impact.frame_idx, 'time_s': impact.time_s, 'confidence': impact.quality},
        {'kind': 'finish', 'frame_idx': finish.frame_idx, 'time_s': finish.time_s, 'confidence': finish.quality}
    ], recursive := true),
    'both' AS side,
    'sport_pack' AS method
FROM finishes
