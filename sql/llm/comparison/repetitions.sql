-- examples: repetitions
-- what:     comparison of the last repetition of a set with the first one, and of the largest repetition with the mean
-- grain:    video_id, person_id, measure, comparison
-- needs:    repetition_changes, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH named AS (
    SELECT
        *,
        CASE measure
            WHEN 'depth' THEN 'depth'
            WHEN 'duration' THEN 'duration'
            WHEN 'outward' THEN 'time to the turn'
            ELSE 'time back from the turn'
        END AS words,
        CASE WHEN exercise = 'unnamed' THEN 'repetition' ELSE exercise END AS thing
    FROM repetition_changes
)

SELECT
    r.result_key AS row_key,
    r.video_id,
    r.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    fact(value, NULL, NULL, unit, 'none', words || ' of the ' || thing, NULL, 'repetition_changes', r.result_key, 'value') AS value,
    fact(value_other, NULL, NULL, unit, 'none', words || ' of the other ' || thing || 's', NULL, 'repetition_changes', r.result_key, 'value_other')
        AS other,
    fact(difference, NULL, NULL, unit, 'none', 'difference of the ' || words, NULL, 'repetition_changes', r.result_key, 'difference') AS difference,
    fact(spread, NULL, NULL, unit, 'none', 'spread of the ' || words, NULL, 'repetition_changes', r.result_key, 'spread') AS spread,
    fact(repetition, NULL, NULL, '1', 'none', 'number of the ' || thing, NULL, 'repetition_changes', r.result_key, 'repetition') AS which,
    fact(n, NULL, NULL, '1', 'none', 'number of ' || thing || 's', NULL, 'repetition_changes', r.result_key, 'n') AS n_all,
    comparison = 'last_first' AS is_last,
    words,
    thing,
    CASE
        WHEN measure = 'depth' AND value > value_other THEN 'deeper'
        WHEN measure = 'depth' THEN 'less deep'
        WHEN value > value_other THEN 'longer'
        ELSE 'shorter'
    END AS more,
    CASE
        WHEN measure = 'depth' AND value > value_other THEN 'less deep'
        WHEN measure = 'depth' THEN 'deeper'
        WHEN value > value_other THEN 'shorter'
        ELSE 'longer'
    END AS less,
    CASE WHEN measure = 'depth' THEN 'the deepest' ELSE 'the longest' END AS largest,
    verdict = 'differs' AS differs,
    difference > 0.05 * abs(value) AS is_told_apart,
    'value other ' || verdict AS compared
FROM named AS r
JOIN athletes ON athletes.run_id = r.run_id AND athletes.person_id = r.person_id
ORDER BY r.video_id, row_key
