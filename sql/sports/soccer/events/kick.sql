-- events: kick
-- what:   plant (the other foot comes to rest), leg_cocking (largest flexion of the kicking knee) and ball_contact
--         (the kicking foot at its fastest) of each kick; side is the side of the kicking foot
-- grain:  video_id, person_id, kind, frame_idx
-- unit:   seconds; confidence 0..1
-- needs:  kinematics, joint_angles, scales
-- source: a kick is a peak of the speed of an ankle of at least 3 standing heights per second, the highest peak of
--         both ankles within 1 second before and after, if it is at least 3.5 times the speed of the hips (in running
--         it is about twice that speed), the other ankle is slower than a quarter of it, and the body is upright. Leg
--         cocking: the largest flexion of the kicking knee (in space, at least 50 degrees) within 0.5 seconds before.
--         Plant: from this moment until contact, at most 0.5 seconds, the other ankle is slower than a quarter of the
--         peak. The ball is not tracked: contact is the moment at which the foot is fastest, which is just before the
--         real contact (Lees et al. 2010, J Sports Sci 28(8):805-817). Confidence is the ankle's visibility

WITH ankles AS (
    SELECT
        own.video_id,
        own.run_id,
        own.person_id,
        own.frame_idx,
        own.time_s,
        joint_angles.side,
        least(own.quality, other.quality) AS quality,
        own.speed_px_s / height_px AS speed,
        other.speed_px_s / height_px AS other_speed,
        hip.speed_px_s / height_px AS hip_speed,
        hip.y_px - neck.y_px > 0.15 * height_px AND own.y_px > hip.y_px AS is_upright,
        joint_angles.angle_3d_deg AS knee_deg
    FROM kinematics AS own
    JOIN joint_angles
        ON joint_angles.run_id = own.run_id AND joint_angles.person_id = own.person_id AND joint_angles.frame_idx = own.frame_idx
        AND joint_angles.joint = 'knee' AND own.point = joint_angles.side || '_ankle'
    JOIN kinematics AS other
        ON other.run_id = own.run_id AND other.person_id = own.person_id AND other.frame_idx = own.frame_idx
        AND other.point IN ('left_ankle', 'right_ankle') AND other.point <> own.point
    JOIN kinematics AS hip
        ON hip.run_id = own.run_id AND hip.person_id = own.person_id AND hip.frame_idx = own.frame_idx AND hip.point = 'mid_hip'
    JOIN kinematics AS neck
        ON neck.run_id = own.run_id AND neck.person_id = own.person_id AND neck.frame_idx = own.frame_idx AND neck.point = 'neck'
    JOIN scales ON scales.run_id = own.run_id AND scales.person_id = own.person_id
    WHERE own.quality >= 0.5
),

peaks AS (
    SELECT video_id, run_id, person_id, side, frame_idx AS contact_frame_idx, time_s AS contact_s, quality AS contact_quality, speed AS fastest
    FROM ankles
    QUALIFY speed >= 3
        AND speed = max(speed) OVER (
            PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 1.0 PRECEDING AND 1.0 FOLLOWING
        )
        AND speed >= 3.5 * hip_speed
        AND other_speed < 0.25 * speed
        AND is_upright
),

kicks AS (
    SELECT
        peaks.*,
        arg_max({'frame_idx': frame_idx, 'time_s': time_s, 'knee_deg': knee_deg, 'quality': quality}, knee_deg) AS cocking,
        -- The last moment at which the other foot still moves.
        max(time_s) FILTER (other_speed >= 0.25 * fastest) AS moving_s,
        min(time_s) AS first_s
    FROM peaks
    JOIN ankles USING (video_id, run_id, person_id, side)
    WHERE time_s BETWEEN contact_s - 0.5 AND contact_s
    GROUP BY ALL
),

plants AS (
    SELECT
        kicks.*,
        arg_min({'frame_idx': frame_idx, 'time_s': time_s, 'quality': quality}, time_s) AS plant
    FROM kicks
    JOIN ankles USING (video_id, run_id, person_id, side)
    WHERE cocking.knee_deg >= 50
        -- In a kick from standing, the other foot was planted before the first frame of this span.
        AND time_s <= contact_s AND time_s > coalesce(moving_s, first_s - 0.001)
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    unnest([
        {'kind': 'plant', 'side': CASE side WHEN 'left' THEN 'right' ELSE 'left' END,
            'frame_idx': plant.frame_idx, 'time_s': plant.time_s, 'confidence': plant.quality},
        {'kind': 'leg_cocking', 'side': side,
            'frame_idx': cocking.frame_idx, 'time_s': cocking.time_s, 'confidence': cocking.quality},
        {'kind': 'ball_contact', 'side': side,
            'frame_idx': contact_frame_idx, 'time_s': contact_s, 'confidence': contact_quality}
    ], recursive := true),
    'sport_pack' AS method
FROM plants
