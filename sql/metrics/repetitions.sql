-- metric: repetitions
-- what:   number and quality of repetitions: repetition_count, repetition_tempo, repetition_depth (mean distance from
--         start to turn), repetition_duration, and their variation: repetition_depth_variation and
--         repetition_duration_variation; repetition_partial_count is the number of repetitions that are only partly in
--         the video or less deep than asked for
-- grain:  video_id, person_id, metric
-- unit:   1, 1/min, the unit of the signal, seconds, percent
-- needs:  repetitions, videos
-- source: variation is the coefficient of variation v, with its standard error v / sqrt(2 n); other intervals from the
--         spread between repetitions and half a frame at each end. The column note names the signal

WITH seen AS (
    SELECT *, true AS is_whole FROM repetitions
    UNION ALL BY NAME
    SELECT * EXCLUDE (partial), false AS is_whole FROM partial_repetitions
),

summary AS (
    SELECT
        seen.video_id,
        seen.run_id,
        seen.person_id,
        any_value(exercise) AS exercise,
        any_value(signal) AS signal,
        any_value(unit) AS signal_unit,
        count(*) FILTER (is_whole) AS n,
        avg(depth) FILTER (is_whole) AS depth,
        stddev_samp(depth) FILTER (is_whole) AS depth_spread,
        avg(seen.duration_s) FILTER (is_whole) AS duration_s,
        stddev_samp(seen.duration_s) FILTER (is_whole) AS duration_spread,
        1 / any_value(videos.fps) / sqrt(6) AS noise_s,
        any_value(n_partial) AS n_partial,
        60 * (count(*) FILTER (is_whole) - 1)
        / nullif(max(turn_time_s) FILTER (is_whole) - min(turn_time_s) FILTER (is_whole), 0) AS tempo,
        -- A repetition that is unlike the others, or at an end of the video, counts in one film and not in another.
        CASE
            WHEN any_value(n_partial) = 0 AND stddev_samp(depth) FILTER (is_whole) < 0.15 * avg(depth) FILTER (is_whole)
                THEN 0.0
            ELSE 1.0
        END AS doubtful
    FROM seen
    JOIN videos ON videos.video_id = seen.video_id
    GROUP BY seen.video_id, seen.run_id, seen.person_id
),

named AS (
    SELECT
        *,
        unnest([
            {'metric': 'repetition_count', 'value': n::DOUBLE, 'half_width': doubtful, 'unit': '1'},
            {'metric': 'repetition_partial_count', 'value': n_partial::DOUBLE, 'half_width': doubtful, 'unit': '1'},
            {'metric': 'repetition_tempo', 'value': tempo,
                'half_width': tempo * half_width(duration_spread, noise_s, n) / nullif(duration_s, 0), 'unit': '1/min'},
            {'metric': 'repetition_depth', 'value': depth, 'half_width': half_width(depth_spread, 0, n), 'unit': signal_unit},
            {'metric': 'repetition_duration', 'value': duration_s, 'half_width': half_width(duration_spread, noise_s, n), 'unit': 's'},
            {'metric': 'repetition_depth_variation', 'value': 100 * depth_spread / nullif(depth, 0),
                'half_width': 1.96 * 100 * depth_spread / nullif(depth, 0) / sqrt(2 * n), 'unit': '%'},
            {'metric': 'repetition_duration_variation', 'value': 100 * duration_spread / nullif(duration_s, 0),
                'half_width': 1.96 * 100 * duration_spread / nullif(duration_s, 0) / sqrt(2 * n), 'unit': '%'}
        ], recursive := true)
    FROM summary
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    'none' AS side,
    value,
    greatest(value - half_width, 0) AS low,
    value + half_width AS high,
    unit,
    n,
    'of ' || signal || CASE WHEN exercise <> 'unnamed' THEN ' (' || exercise || ')' ELSE '' END AS note
FROM named
WHERE value IS NOT NULL
