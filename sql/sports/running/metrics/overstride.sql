-- metric: overstride
-- what:   the distance of the ankle ahead of the hips when the foot touches the floor
-- grain:  video_id, person_id, side
-- unit:   meters
-- needs:  events, kinematics, facings, landmark_noise, scales, videos
-- source: from the middle of the hips to the ankle along the picture in the direction of the run, side views only
--         (within 30 degrees); mean over contacts (Lieberman et al. 2015, J Exp Biol 218:3406-3414, use the hip
--         joint). 95 % interval from the spread between contacts, jitter, the movement of the ankle relative to the
--         hips within half a frame, and the scale. Running strides only: the foot is on the floor for less than half
--         of the stride

WITH contacts AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.side,
        CASE facings.facing WHEN 'right' THEN 1 ELSE -1 END * (ankle.x_px - hip.x_px) AS ahead_px,
        sqrt(
            1.5 * pow(coalesce(noise.clean_jitter_px, 0), 2)
            + pow(coalesce(ankle.velocity_x_px_s - hip.velocity_x_px_s, 0) / videos.fps / sqrt(12), 2)
        ) AS noise_px
    FROM contacts_of_strides(of_running := true) AS events
    JOIN videos ON videos.video_id = events.video_id
    JOIN facings
        ON facings.run_id = events.run_id AND facings.person_id = events.person_id
        AND events.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN kinematics AS ankle
        ON ankle.run_id = events.run_id AND ankle.person_id = events.person_id AND ankle.frame_idx = events.frame_idx
        AND ankle.point = events.side || '_ankle'
    JOIN kinematics AS hip
        ON hip.run_id = events.run_id AND hip.person_id = events.person_id AND hip.frame_idx = events.frame_idx
        AND hip.point = 'mid_hip'
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = events.run_id AND noise.person_id = events.person_id
        AND noise.landmark = events.side || '_ankle'
    WHERE is_side_view(facings.facing, facings.yaw_deg)
        AND least(ankle.quality, hip.quality) >= 0.5
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        side,
        avg(ahead_px) AS mean_px,
        half_width(stddev_samp(ahead_px), avg(noise_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM contacts
    GROUP BY ALL
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    'overstride' AS metric,
    side,
    unnest(scaled_interval(mean_px, half_width_px, scales)),
    'm' AS unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
