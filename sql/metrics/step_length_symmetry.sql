-- metric: step_length_symmetry
-- what:   step length of the right foot as a percentage of step length of the left foot
-- grain:  video_id, person_id
-- unit:   percent
-- needs:  events, clean_landmarks, landmark_noise, joint_angles, facings
-- mirrored: inverted
-- source: OpenCap gait scalars (right divided by left); the scale cancels out. 95 % interval from the spread between
--         steps and the jitter of the heels; the column note says if the difference between the sides is within the
--         interval, or if one side is hidden

WITH steps AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        abs(own.x_px - other.x_px) AS step_px
    FROM strides
    JOIN clean_landmarks AS own
        ON own.run_id = strides.run_id AND own.person_id = strides.person_id
        AND own.frame_idx = strides.start_frame_idx AND own.landmark = strides.side || '_heel'
    JOIN clean_landmarks AS other
        ON other.run_id = strides.run_id AND other.person_id = strides.person_id
        AND other.frame_idx = strides.start_frame_idx AND other.landmark LIKE '%_heel' AND other.landmark <> own.landmark
    -- A runner's other foot is in the air.
    WHERE is_running(start_time_s, toe_off_time_s, end_time_s) IS NOT TRUE
),

sides AS (
    SELECT
        steps.video_id,
        steps.run_id,
        steps.person_id,
        side,
        avg(step_px) AS mean_px,
        half_width(stddev_samp(step_px), sqrt(2) * any_value(noise.clean_jitter_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM steps
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = steps.run_id AND noise.person_id = steps.person_id AND noise.landmark = 'left_heel'
    GROUP BY steps.video_id, steps.run_id, steps.person_id, side
),

ratios AS (
    SELECT
        l.video_id,
        l.run_id,
        l.person_id,
        100 * r.mean_px / l.mean_px AS value,
        100 * r.mean_px / l.mean_px * sqrt(pow(l.half_width_px / l.mean_px, 2) + pow(r.half_width_px / r.mean_px, 2)) AS half_width,
        l.n + r.n AS n
    FROM sides AS l
    JOIN sides AS r USING (run_id, person_id)
    WHERE l.side = 'left' AND r.side = 'right' AND l.mean_px > 0 AND r.mean_px > 0
)

SELECT
    ratios.video_id,
    ratios.run_id,
    ratios.person_id,
    'step_length_symmetry' AS metric,
    'both' AS side,
    value,
    value - half_width AS low,
    value + half_width AS high,
    '%' AS unit,
    n,
    CASE
        WHEN abs(value - 100) <= half_width THEN 'left and right do not differ beyond the uncertainty'
        WHEN far_sides.side IS NOT NULL THEN 'one leg is away from the camera and hidden, so this is an estimate'
    END AS note
FROM ratios
LEFT JOIN far_sides
    ON far_sides.video_id = ratios.video_id AND far_sides.run_id = ratios.run_id AND far_sides.person_id = ratios.person_id
    AND far_sides.limb = 'leg'
