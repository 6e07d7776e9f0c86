-- examples: recording
-- what:     problems of the recording, from the data-quality checks, or that the checks found no problem
-- grain:    video_id, person_id
-- needs:    check_counts, athletes, metrics
-- run:      by `posekit export-llm`, on the catalog

WITH problems AS (
    SELECT
        *,
        CASE check_name
            WHEN 'bone_lengths' THEN 'bones that change their length'
            WHEN 'clock_faults' THEN 'faults of the clock'
            WHEN 'coverage' THEN 'the person being lost'
            WHEN 'frame_gaps' THEN 'missing frames'
            WHEN 'jitter' THEN 'trembling landmarks'
            WHEN 'low_confidence' THEN 'joints that are hardly seen'
            WHEN 'never_upright' THEN 'a person who never stands upright'
            WHEN 'out_of_frame' THEN 'the body being outside of the picture'
            WHEN 'repeated_frames' THEN 'repeated frames'
            WHEN 'scale_drift' THEN 'a person who comes nearer or goes away'
            WHEN 'swaps' THEN 'possible swaps of left and right'
            WHEN 'teleports' THEN 'jumps of the body that nobody can make'
            ELSE replace(check_name, '_', ' ')
        END AS words,
        CASE check_name
            WHEN 'bone_lengths' THEN 'Distrust angles in space at these moments.'
            WHEN 'clock_faults' THEN 'Distrust all times and speeds.'
            WHEN 'coverage' THEN 'Film so that nobody gets in between, and keep the whole body in view.'
            WHEN 'frame_gaps' THEN 'Distrust events and speeds near the gaps.'
            WHEN 'jitter' THEN 'More light and a sharper picture help; until then angles and velocities are noise.'
            WHEN 'low_confidence' THEN 'Angles of these joints are guesses: film from the side on which they are.'
            WHEN 'never_upright' THEN 'Lengths and speeds in meters are less sure: let the person stand upright once.'
            WHEN 'out_of_frame' THEN 'Move the camera back so that the whole body stays in the picture.'
            WHEN 'repeated_frames' THEN 'Store the video at the rate at which it was filmed; the repeated frames were filled from their neighbors.'
            WHEN 'scale_drift' THEN 'Lengths and speeds in meters do not hold: film square to the way.'
            WHEN 'swaps' THEN 'Distrust differences between left and right at these moments.'
            WHEN 'teleports' THEN 'The person may have been taken for somebody else: look at the clip there.'
        END AS advice
    FROM check_counts
    WHERE severity IN ('error', 'warning')
    -- Keeps only the violations of the worst severity of each check.
    QUALIFY row_number() OVER (PARTITION BY run_id, person_id, check_name ORDER BY severity) = 1
),

listed AS (
    SELECT
        run_id,
        person_id,
        list(fact(n, NULL, NULL, '1', 'none', words, NULL, 'check_counts', result_key, 'n') ORDER BY severity, n DESC, check_name) AS found,
        string_agg(advice, ' ' ORDER BY severity, n DESC, check_name) AS advice,
        bool_or(severity = 'error') AS has_error
    FROM problems
    WHERE person_id IS NOT NULL
    GROUP BY run_id, person_id
)

SELECT
    concat_ws('/', 'recording', athletes.video_id, athletes.person_id) AS row_key,
    athletes.video_id,
    athletes.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    listed.found,
    listed.advice,
    coalesce(listed.has_error, false) AS has_error,
    listed.found IS NOT NULL AS has_problem,
    metric_fact(metric, side, value, low, high, unit, metrics.result_key) AS coverage
FROM athletes
JOIN metrics ON metrics.run_id = athletes.run_id AND metrics.person_id = athletes.person_id AND metrics.metric = 'coverage'
LEFT JOIN listed ON listed.run_id = athletes.run_id AND listed.person_id = athletes.person_id
ORDER BY athletes.video_id, row_key
