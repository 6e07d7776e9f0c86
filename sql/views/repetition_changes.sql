-- view:   repetition_changes
-- what:   comparison of repetitions within a set: the last one with the first one, and the one with the largest value
--         with the mean of all
-- grain:  video_id, person_id, measure, comparison
-- units:  the column unit: seconds, or the unit of the signal
-- values: measure is depth, duration, outward or return; comparison is last_first or largest_mean; repetition is the
--         number of the last or the largest repetition and value its value; value_other is the value of the first
--         repetition, or the mean; difference is never negative; spread is the standard deviation between repetitions;
--         verdict is differs if the difference is larger than the usual differences between repetitions of the set
--         (1.96 spreads for the mean, times the square root of 2 for two repetitions) and, for times, larger than half
--         a frame at each end; else within_spread. Only sets of at least four repetitions have rows
-- run:    in any DuckDB client, after repetitions.sql

CREATE OR REPLACE VIEW repetition_changes AS
WITH measured AS (
    SELECT
        repetitions.video_id,
        repetitions.video,
        repetitions.run_id,
        repetitions.person_id,
        repetition,
        exercise,
        1 / nullif(videos.fps, 0) / sqrt(6) AS noise_s,
        unnest([
            {'measure': 'depth', 'value': depth, 'unit': unit},
            {'measure': 'duration', 'value': repetitions.duration_s, 'unit': 's'},
            {'measure': 'outward', 'value': outward_s, 'unit': 's'},
            {'measure': 'return', 'value': return_s, 'unit': 's'}
        ], recursive := true)
    FROM repetitions
    JOIN videos ON videos.video_id = repetitions.video_id
),

sets AS (
    SELECT
        video_id,
        video,
        run_id,
        person_id,
        measure,
        any_value(exercise) AS exercise,
        any_value(unit) AS unit,
        count(*) AS n,
        -- In order: sums of doubles in another order have another last digit, and proofs compare all digits.
        avg(value ORDER BY repetition) AS mean_value,
        stddev_samp(value ORDER BY repetition) AS spread,
        CASE WHEN any_value(unit) = 's' THEN coalesce(any_value(noise_s), 0) ELSE 0 END AS noise,
        arg_min(value, repetition) AS value_first,
        arg_max(value, repetition) AS value_last,
        max(repetition) AS repetition_last,
        max(value) AS value_largest,
        min(repetition) FILTER (is_largest) AS repetition_largest
    FROM (
        SELECT *, value = max(value) OVER (PARTITION BY run_id, person_id, measure) AS is_largest
        FROM measured
    )
    GROUP BY video_id, video, run_id, person_id, measure
    HAVING count(*) >= 4
),

compared AS (
    SELECT
        * EXCLUDE (mean_value, value_first, value_last, value_largest, repetition_last, repetition_largest),
        unnest([
            {'comparison': 'last_first', 'repetition': repetition_last, 'value': value_last, 'value_other': value_first, 'variance': 2.0},
            {'comparison': 'largest_mean', 'repetition': repetition_largest, 'value': value_largest, 'value_other': mean_value,
                'variance': 1.0}
        ], recursive := true)
    FROM sets
)

SELECT
    * EXCLUDE (noise, variance),
    abs(value - value_other) AS difference,
    CASE WHEN abs(value - value_other) > 1.96 * sqrt(variance * (pow(spread, 2) + pow(noise, 2))) THEN 'differs' ELSE 'within_spread' END AS verdict,
    concat_ws('/', 'repetition_changes', video_id, person_id, measure, comparison) AS result_key
FROM compared;
