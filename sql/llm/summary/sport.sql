-- examples: sport
-- what:     a coaching summary from the metrics of the sport pack
-- grain:    video_id, person_id
-- needs:    sure_metrics, athletes, asked_videos, sports, sides_compared
-- run:      by `posekit export-llm`, on the catalog

WITH own AS (
    SELECT
        m.*,
        metric_fact(metric, side, value, low, high, unit, m.result_key) AS measured,
        -- What is an estimate means nothing.
        CASE WHEN note NOT LIKE '%an estimate' OR note IS NULL THEN metric_meaning(metric, side, value, low, high) END AS meaning,
        row_number() OVER (
            PARTITION BY m.run_id, m.person_id ORDER BY metric_meaning(metric, side, value, low, high) IS NULL, metric, side
        ) AS place
    FROM sure_metrics AS m
    JOIN asked_videos ON asked_videos.video_id = m.video_id
    WHERE value IS NOT NULL
        AND (
            made_by LIKE '%sports/' || asked_videos.sport || '/%'
            -- The generic pack has no metrics of its own. These metrics are the most informative ones for any
            -- movement.
            OR (asked_videos.sport = 'generic' AND metric IN (
                'repetition_count', 'repetition_depth', 'repetition_tempo', 'repetition_depth_variation', 'center_of_mass_peak_speed',
                'center_of_mass_vertical_range', 'trunk_lean_mean', 'trunk_lean_peak', 'knee_range_of_motion_3d', 'hip_range_of_motion_3d',
                'elbow_range_of_motion_3d', 'cadence', 'gait_speed', 'jump_height_flight'
            ))
            -- Gait is measured for every sport.
            OR (asked_videos.sport IN ('walking', 'running') AND metric IN ('cadence', 'gait_speed', 'step_length', 'stride_time', 'step_length_symmetry'))
            OR (asked_videos.sport = 'jump' AND metric IN ('jump_height_flight', 'jump_height_rise', 'jump_height_difference', 'jump_flight_time'))
        )
),

gaps AS (
    SELECT
        s.run_id,
        s.person_id,
        string_agg(metric_words(s.metric), ', ' ORDER BY s.metric) FILTER (s.verdict = 'differs') AS words,
        min(s.far_side) AS far_side
    FROM sides_compared AS s
    JOIN (SELECT DISTINCT run_id, person_id, metric FROM own WHERE place <= 12) AS shown
        ON shown.run_id = s.run_id AND shown.person_id = s.person_id AND shown.metric = s.metric
    GROUP BY s.run_id, s.person_id
)

SELECT
    concat_ws('/', 'summary', own.video_id, own.person_id) AS row_key,
    own.video_id,
    own.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    list(measured ORDER BY place) FILTER (place <= 12) AS facts,
    string_agg(DISTINCT meaning, ' ' ORDER BY meaning) FILTER (place <= 12) AS meanings,
    any_value(gaps.words) AS uneven,
    min(gaps.far_side) AS far_side,
    -- These metrics already compare the sides.
    coalesce(bool_or(place <= 12 AND metric IN ('squat_knee_difference', 'step_length_symmetry') AND meaning NOT LIKE '%within the uncertainty%'), false) AS says_uneven,
    count(gaps.run_id) > 0 AS has_sides,
    bool_or(side IN ('left', 'right') AND place <= 6) AS has_sided,
    any_value(sports.words) AS report_words,
    bool_or(own.scale = 'world') AS is_body_average,
    min(n) FILTER (n IS NOT NULL AND unit <> '1') < 4 AS is_thin
FROM own
JOIN athletes ON athletes.run_id = own.run_id AND athletes.person_id = own.person_id
JOIN asked_videos ON asked_videos.video_id = own.video_id
LEFT JOIN sports ON sports.sport = asked_videos.sport
LEFT JOIN gaps ON gaps.run_id = own.run_id AND gaps.person_id = own.person_id
GROUP BY own.video_id, own.run_id, own.person_id
HAVING count(*) >= 3
ORDER BY own.video_id, row_key
