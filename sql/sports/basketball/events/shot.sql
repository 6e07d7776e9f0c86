-- events: shot
-- what:   dip (the ball at its lowest), set_point (largest elbow flexion before the elbow straightens) and release
--         (estimated) of each shot; side is the side of the shooting hand
-- grain:  video_id, person_id, kind, frame_idx
-- unit:   seconds; confidence 0..1
-- needs:  kinematics, joint_angles, scales
-- source: a shot is a peak of the upward speed of a wrist of at least 1 standing height per second, the highest peak
--         of both wrists within 1.2 seconds before and after, if the wrist is above the head within the next 0.3
--         seconds and the body is upright. Dip: the lowest position of this wrist within the 1.2 seconds before, with
--         the other wrist at most a quarter of the height away (both hands hold the ball). Set point: the largest
--         elbow flexion (in space, at least 50 degrees) between dip and release, with the wrist above the shoulder.
--         Release: the first moment after the set point, up to 0.5 seconds later, at which the elbow is flexed by less
--         than 30 degrees; it is estimated because the ball is not tracked. Confidence is the visibility of the wrist

WITH wrists AS (
    SELECT
        wrist.video_id,
        wrist.run_id,
        wrist.person_id,
        wrist.frame_idx,
        wrist.time_s,
        joint_angles.side,
        wrist.quality,
        wrist.y_px / height_px AS y,
        wrist.velocity_y_px_s / height_px AS rise,
        distance(wrist.x_px, wrist.y_px, other.x_px, other.y_px) / height_px AS apart,
        head.y_px / height_px AS head_y,
        shoulder.y_px / height_px AS shoulder_y,
        hip.y_px - neck.y_px > 0.15 * height_px AS is_upright,
        joint_angles.angle_3d_deg AS elbow_deg
    FROM kinematics AS wrist
    JOIN joint_angles
        ON joint_angles.run_id = wrist.run_id AND joint_angles.person_id = wrist.person_id
        AND joint_angles.frame_idx = wrist.frame_idx AND joint_angles.joint = 'elbow'
        AND wrist.point = joint_angles.side || '_wrist'
    JOIN kinematics AS other
        ON other.run_id = wrist.run_id AND other.person_id = wrist.person_id AND other.frame_idx = wrist.frame_idx
        AND other.point IN ('left_wrist', 'right_wrist') AND other.point <> wrist.point
    JOIN kinematics AS shoulder
        ON shoulder.run_id = wrist.run_id AND shoulder.person_id = wrist.person_id AND shoulder.frame_idx = wrist.frame_idx
        AND shoulder.point = joint_angles.side || '_shoulder'
    JOIN kinematics AS head
        ON head.run_id = wrist.run_id AND head.person_id = wrist.person_id AND head.frame_idx = wrist.frame_idx AND head.point = 'head'
    JOIN kinematics AS neck
        ON neck.run_id = wrist.run_id AND neck.person_id = wrist.person_id AND neck.frame_idx = wrist.frame_idx AND neck.point = 'neck'
    JOIN kinematics AS hip
        ON hip.run_id = wrist.run_id AND hip.person_id = wrist.person_id AND hip.frame_idx = wrist.frame_idx AND hip.point = 'mid_hip'
    JOIN scales ON scales.run_id = wrist.run_id AND scales.person_id = wrist.person_id
    WHERE wrist.quality >= 0.5
),

peaks AS (
    SELECT video_id, run_id, person_id, side, time_s AS fast_s
    FROM wrists
    QUALIFY rise >= 1
        AND is_upright
        AND rise = max(rise) OVER (
            PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 1.2 PRECEDING AND 1.2 FOLLOWING
        )
),

dips AS (
    SELECT
        peaks.*,
        arg_max({'frame_idx': frame_idx, 'time_s': time_s, 'apart': apart, 'quality': quality}, y)
            FILTER (time_s BETWEEN fast_s - 1.2 AND fast_s) AS dip,
        min(y - head_y) FILTER (time_s BETWEEN fast_s AND fast_s + 0.3) AS least_below_head
    FROM peaks
    JOIN wrists USING (video_id, run_id, person_id, side)
    WHERE time_s BETWEEN fast_s - 1.2 AND fast_s + 0.3
    GROUP BY ALL
),

sets AS (
    SELECT
        dips.*,
        arg_max({'frame_idx': frame_idx, 'time_s': time_s, 'elbow_deg': elbow_deg, 'quality': quality}, elbow_deg) AS set_point
    FROM dips
    JOIN wrists USING (video_id, run_id, person_id, side)
    WHERE least_below_head < 0
        AND dip.apart <= 0.25
        AND time_s > dip.time_s AND time_s <= fast_s + 0.1
        AND y < shoulder_y
    GROUP BY ALL
),

releases AS (
    SELECT
        sets.*,
        arg_min({'frame_idx': frame_idx, 'time_s': time_s, 'quality': quality}, time_s) AS release
    FROM sets
    JOIN wrists USING (video_id, run_id, person_id, side)
    WHERE set_point.elbow_deg >= 50
        AND time_s > set_point.time_s AND time_s <= set_point.time_s + 0.5
        AND wrists.elbow_deg < 30
        AND y < head_y
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    side,
    unnest([
        {'kind': 'dip', 'frame_idx': dip.frame_idx, 'time_s': dip.time_s, 'confidence': dip.quality},
        {'kind': 'set_point', 'frame_idx': set_point.frame_idx, 'time_s': set_point.time_s, 'confidence': set_point.quality},
        {'kind': 'release', 'frame_idx': release.frame_idx, 'time_s': release.time_s, 'confidence': release.quality}
    ], recursive := true),
    'sport_pack' AS method
FROM releases
