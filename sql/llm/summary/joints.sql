-- examples: joints
-- what:     a summary of how far each joint moves and bends, in space, so that the view does not matter
-- grain:    video_id, person_id, theme
-- needs:    sure_metrics, athletes, sides_compared
-- run:      by `posekit export-llm`, on the catalog

WITH themed AS (
    SELECT
        *,
        CASE
            WHEN metric LIKE '%\_range\_of\_motion\_3d' ESCAPE '\' THEN 'how far the joints move'
            WHEN metric LIKE '%\_peak\_flexion\_3d' ESCAPE '\' THEN 'how far the joints bend at most'
            WHEN metric LIKE '%\_peak\_velocity\_2d' ESCAPE '\' AND regexp_matches(metric, '^(knee|hip|elbow|shoulder)_') THEN 'how fast the joints turn at most'
            WHEN metric IN ('center_of_mass_peak_speed', 'center_of_mass_mean_speed', 'center_of_mass_vertical_range', 'center_of_mass_smoothness',
                'trunk_lean_mean', 'trunk_lean_peak') THEN 'how the body moves as a whole'
            WHEN metric IN ('cadence', 'gait_speed', 'stride_length', 'step_length', 'stride_time', 'stance_time', 'swing_time', 'double_support_time',
                'flight_time', 'step_width', 'step_length_symmetry') THEN 'the gait'
        END AS theme
    FROM sure_metrics
    WHERE value IS NOT NULL AND low < high
),

ranked AS (
    SELECT
        *,
        metric_fact(metric, side, value, low, high, unit, result_key) AS measured,
        row_number() OVER (PARTITION BY run_id, person_id, theme ORDER BY metric, side) AS place
    FROM themed
    WHERE theme IS NOT NULL
),

gaps AS (
    SELECT
        t.run_id,
        t.person_id,
        t.theme,
        string_agg(DISTINCT metric_words(s.metric), ', ' ORDER BY metric_words(s.metric)) FILTER (s.verdict = 'differs') AS words,
        min(s.far_side) AS far_side
    FROM (SELECT DISTINCT run_id, person_id, theme, metric FROM themed WHERE theme IS NOT NULL) AS t
    JOIN sides_compared AS s ON s.run_id = t.run_id AND s.person_id = t.person_id AND s.metric = t.metric
    GROUP BY t.run_id, t.person_id, t.theme
),

sided AS (
    SELECT DISTINCT run_id, person_id, metric
    FROM sides_compared
)

SELECT
    concat_ws('/', 'joints', r.video_id, r.person_id, r.theme) AS row_key,
    r.video_id,
    r.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    list(measured ORDER BY place) AS facts,
    r.theme,
    any_value(gaps.words) AS uneven,
    min(gaps.far_side) AS far_side,
    count(sided.metric) > 0 AS has_sides,
    string_agg(DISTINCT note_words(r.note), '; ' ORDER BY note_words(r.note)) FILTER (note_words(r.note) NOT LIKE 'the sides do not%') AS note,
    string_agg(DISTINCT metric_meaning(r.metric, r.side, r.value, r.low, r.high), ' ' ORDER BY metric_meaning(r.metric, r.side, r.value, r.low, r.high))
        FILTER (r.note NOT LIKE '%an estimate' OR r.note IS NULL) AS meanings,
    max((r.high - r.low) / 2 / nullif(abs(r.value), 0)) > 0.3 AS has_wide,
    arg_max(metric_phrase(r.metric, r.side), {'share': (r.high - r.low) / 2 / nullif(abs(r.value), 0), 'place': r.place}) AS widest
FROM ranked AS r
JOIN athletes ON athletes.run_id = r.run_id AND athletes.person_id = r.person_id
LEFT JOIN gaps ON gaps.run_id = r.run_id AND gaps.person_id = r.person_id AND gaps.theme = r.theme
LEFT JOIN sided ON sided.run_id = r.run_id AND sided.person_id = r.person_id AND sided.metric = r.metric
GROUP BY r.video_id, r.run_id, r.person_id, r.theme
HAVING count(*) >= 2
ORDER BY r.video_id, row_key
