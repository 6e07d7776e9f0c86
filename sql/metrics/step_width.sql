-- metric: step_width
-- what:   the sideways distance between the feet at contact
-- grain:  video_id, person_id
-- unit:   meters
-- needs:  events, clean_landmarks, landmark_noise, scales
-- source: distance between the ankles along the line through the hips in world landmarks (OpenCap: across the walking
--         direction), scaled to the athlete's height if it is given. Networks measure depth least accurately, so the
--         interval contains the jitter of the world landmarks and a tenth of the value for their assumed body
--         proportions

WITH ankles AS (
    SELECT run_id, person_id, frame_idx, landmark, world_x_m, world_z_m
    FROM clean_landmarks
    WHERE landmark IN ('left_ankle', 'right_ankle', 'left_hip', 'right_hip') AND world_x_m IS NOT NULL
),

contacts AS (
    SELECT DISTINCT video_id, run_id, person_id, frame_idx
    FROM events
    WHERE kind = 'contact'
),

widths AS (
    SELECT
        contacts.video_id,
        contacts.run_id,
        contacts.person_id,
        abs(
            (la.world_x_m - ra.world_x_m) * (lh.world_x_m - rh.world_x_m)
            + (la.world_z_m - ra.world_z_m) * (lh.world_z_m - rh.world_z_m)
        ) / nullif(distance(lh.world_x_m, lh.world_z_m, rh.world_x_m, rh.world_z_m), 0) AS width_m
    FROM contacts
    JOIN ankles AS la
        ON la.run_id = contacts.run_id AND la.person_id = contacts.person_id
        AND la.frame_idx = contacts.frame_idx AND la.landmark = 'left_ankle'
    JOIN ankles AS ra
        ON ra.run_id = contacts.run_id AND ra.person_id = contacts.person_id
        AND ra.frame_idx = contacts.frame_idx AND ra.landmark = 'right_ankle'
    JOIN ankles AS lh
        ON lh.run_id = contacts.run_id AND lh.person_id = contacts.person_id
        AND lh.frame_idx = contacts.frame_idx AND lh.landmark = 'left_hip'
    JOIN ankles AS rh
        ON rh.run_id = contacts.run_id AND rh.person_id = contacts.person_id
        AND rh.frame_idx = contacts.frame_idx AND rh.landmark = 'right_hip'
),

-- World landmarks have the size of an average body.
sizes AS (
    SELECT scales.run_id, scales.person_id, scales.method, scales.meters_per_px / ratios.world_ratio AS size
    FROM scales
    JOIN world_ratios() AS ratios ON ratios.run_id = scales.run_id AND ratios.person_id = scales.person_id
    WHERE scales.method = 'height'
),

summary AS (
    SELECT
        widths.video_id,
        widths.run_id,
        widths.person_id,
        coalesce(any_value(sizes.size), 1) AS size,
        coalesce(any_value(sizes.method), 'world') AS scale,
        avg(width_m) AS value,
        sqrt(
            pow(half_width(stddev_samp(width_m), sqrt(2) * any_value(noise.clean_jitter_m), count(*)), 2)
            + pow(0.1 * avg(width_m), 2)
        ) AS half_width,
        count(*) AS n
    FROM widths
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = widths.run_id AND noise.person_id = widths.person_id AND noise.landmark = 'left_ankle'
    LEFT JOIN sizes ON sizes.run_id = widths.run_id AND sizes.person_id = widths.person_id
    WHERE width_m IS NOT NULL
    GROUP BY widths.video_id, widths.run_id, widths.person_id
)

SELECT
    video_id,
    run_id,
    person_id,
    'step_width' AS metric,
    'both' AS side,
    size * value AS value,
    size * greatest(value - half_width, 0) AS low,
    size * (value + half_width) AS high,
    'm' AS unit,
    n,
    scale
FROM summary
