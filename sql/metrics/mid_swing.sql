-- metric: mid_swing
-- what:   values in the middle of the swing: mid_swing_dorsiflexion of the ankle, and
--         mid_swing_ankle_height_difference between the ankle of the swinging leg and the ankle of the standing leg
-- grain:  video_id, person_id, metric, side
-- unit:   degrees, meters
-- needs:  events, joint_angles, clean_landmarks, landmark_noise, scales
-- source: OpenCap gait scalars, in the frame nearest to the middle between toe-off and the next contact. 95 % interval
--         from the spread between strides, jitter and scale

WITH moments AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_time_s,
        frames.frame_idx
    FROM strides
    JOIN frames ON frames.run_id = strides.run_id
        AND frames.time_s BETWEEN strides.toe_off_time_s AND strides.end_time_s
    QUALIFY row_number() OVER (
        PARTITION BY strides.run_id, strides.person_id, strides.side, strides.start_time_s
        ORDER BY abs(frames.time_s - (strides.toe_off_time_s + strides.end_time_s) / 2), frames.frame_idx
    ) = 1
),

heights AS (
    SELECT
        moments.video_id,
        moments.run_id,
        moments.person_id,
        moments.side,
        (other.y_px - own.y_px) * scales.meters_per_px AS height_m,
        noise.clean_jitter_px * sqrt(2) * scales.meters_per_px AS noise_m,
        (scales.meters_per_px_high - scales.meters_per_px_low) / 2 / scales.meters_per_px AS scale_error,
        scales.method
    FROM moments
    JOIN clean_landmarks AS own
        ON own.run_id = moments.run_id AND own.person_id = moments.person_id
        AND own.frame_idx = moments.frame_idx AND own.landmark = moments.side || '_ankle'
    JOIN clean_landmarks AS other
        ON other.run_id = moments.run_id AND other.person_id = moments.person_id AND other.frame_idx = moments.frame_idx
        AND other.landmark IN ('left_ankle', 'right_ankle') AND other.landmark <> own.landmark
    JOIN scales ON scales.run_id = moments.run_id AND scales.person_id = moments.person_id
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = moments.run_id AND noise.person_id = moments.person_id AND noise.landmark = own.landmark
    WHERE own.y_px IS NOT NULL AND other.y_px IS NOT NULL AND scales.meters_per_px IS NOT NULL
)

SELECT
    moments.video_id,
    moments.run_id,
    moments.person_id,
    'mid_swing_dorsiflexion' AS metric,
    moments.side,
    unnest(mean_interval(angle_2d_deg, error_deg)),
    'deg' AS unit,
    count(*) AS n,
    NULL::VARCHAR AS scale
FROM moments
JOIN joint_angles
    ON joint_angles.run_id = moments.run_id AND joint_angles.person_id = moments.person_id
    AND joint_angles.frame_idx = moments.frame_idx AND joint_angles.joint = 'ankle' AND joint_angles.side = moments.side
WHERE angle_2d_deg IS NOT NULL
GROUP BY moments.video_id, moments.run_id, moments.person_id, moments.side
UNION ALL BY NAME
SELECT
    video_id,
    run_id,
    person_id,
    'mid_swing_ankle_height_difference' AS metric,
    side,
    avg(height_m) AS value,
    avg(height_m) - half_width(stddev_samp(height_m), avg(noise_m), count(*))
    - abs(avg(height_m)) * any_value(scale_error) AS low,
    avg(height_m) + half_width(stddev_samp(height_m), avg(noise_m), count(*))
    + abs(avg(height_m)) * any_value(scale_error) AS high,
    'm' AS unit,
    count(*) AS n,
    any_value(method) AS scale
FROM heights
GROUP BY video_id, run_id, person_id, side
