-- metric: gait_lengths
-- what:   stride_length (from a contact of a heel to its next contact), step_length (from the other heel to the heel
--         that makes contact, at its contact; in running, where the other foot is in the air, from the contact of the
--         other heel) and gait_speed (stride length divided by stride time)
-- grain:  video_id, person_id, metric, side
-- unit:   meters, meters per second
-- needs:  events, clean_landmarks, landmark_noise, scales
-- source: OpenCap gait scalars, measured along the picture: the person must walk across the picture, not toward the
--         camera. Where the ground moves in the picture (macro ground_speeds: treadmill, moving camera), strides and
--         their speed are along that ground. 95 % interval from the spread between strides, the jitter of the heels and
--         the scale

WITH heels AS (
    SELECT run_id, person_id, frame_idx, landmark, x_px
    FROM clean_landmarks
    WHERE landmark IN ('left_heel', 'right_heel')
),

-- The usual speed within 3 seconds: in a single stance the network may take one leg for the other.
moves AS (
    SELECT
        run_id,
        person_id,
        side,
        start_frame_idx,
        median(ground_px_s) OVER (
            PARTITION BY run_id, person_id ORDER BY start_time_s RANGE BETWEEN 3 PRECEDING AND 3 FOLLOWING
        ) AS ground_px_s
    FROM ground_speeds()
),

measured AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        abs(next_own.x_px - own.x_px - coalesce(ground_px_s, 0) * (end_time_s - start_time_s)) AS stride_px,
        CASE WHEN is_running(start_time_s, toe_off_time_s, end_time_s) IS NOT TRUE
            THEN abs(own.x_px - other.x_px)
        END AS step_px,
        CASE WHEN is_running(start_time_s, toe_off_time_s, end_time_s)
            THEN abs(landing.x_px - own.x_px - coalesce(ground_px_s, 0) * (other_contact_time_s - start_time_s))
        END AS running_step_px,
        stride_px / (end_time_s - start_time_s) AS speed_px_s
    FROM strides
    JOIN heels AS own
        ON own.run_id = strides.run_id AND own.person_id = strides.person_id
        AND own.frame_idx = strides.start_frame_idx AND own.landmark = strides.side || '_heel'
    JOIN heels AS other
        ON other.run_id = strides.run_id AND other.person_id = strides.person_id
        AND other.frame_idx = strides.start_frame_idx AND other.landmark <> own.landmark
    JOIN heels AS next_own
        ON next_own.run_id = strides.run_id AND next_own.person_id = strides.person_id
        AND next_own.frame_idx = strides.end_frame_idx AND next_own.landmark = own.landmark
    LEFT JOIN heels AS landing
        ON landing.run_id = strides.run_id AND landing.person_id = strides.person_id
        AND landing.frame_idx = strides.other_contact_frame_idx AND landing.landmark = other.landmark
    LEFT JOIN moves
        ON moves.run_id = strides.run_id AND moves.person_id = strides.person_id
        AND moves.side = strides.side AND moves.start_frame_idx = strides.start_frame_idx
),

named AS (
    SELECT
        measured.video_id,
        measured.run_id,
        measured.person_id,
        unnest([
            {'metric': 'stride_length', 'side': side, 'pixels': stride_px, 'unit': 'm'},
            {'metric': 'step_length', 'side': side, 'pixels': step_px, 'unit': 'm'},
            {'metric': 'step_length', 'side': CASE side WHEN 'left' THEN 'right' ELSE 'left' END,
                'pixels': running_step_px, 'unit': 'm'},
            {'metric': 'gait_speed', 'side': 'both', 'pixels': speed_px_s, 'unit': 'm/s'}
        ], recursive := true)
    FROM measured
),

summary AS (
    SELECT
        named.video_id,
        named.run_id,
        named.person_id,
        metric,
        side,
        unit,
        avg(pixels) AS mean_px,
        half_width(stddev_samp(pixels), sqrt(2) * any_value(noise.clean_jitter_px), count(*)) AS half_width_px,
        count(*) AS n
    FROM named
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = named.run_id AND noise.person_id = named.person_id AND noise.landmark = 'left_heel'
    WHERE pixels IS NOT NULL
    GROUP BY named.video_id, named.run_id, named.person_id, metric, side, unit
)

SELECT
    summary.video_id,
    summary.run_id,
    summary.person_id,
    metric,
    side,
    unnest(scaled_interval(mean_px, half_width_px, scales)),
    unit,
    n,
    method AS scale
FROM summary
JOIN scales ON scales.run_id = summary.run_id AND scales.person_id = summary.person_id
WHERE meters_per_px IS NOT NULL
