-- examples: repetitions
-- what:     repetitions in order of time, six at a time: start, turn, end, depth and duration of each
-- grain:    video_id, person_id, part of six repetitions
-- needs:    repetitions
-- run:      by `posekit export-llm`, on the catalog

WITH named AS (
    SELECT *, CASE WHEN exercise = 'unnamed' THEN 'repetition' ELSE exercise END AS thing
    FROM repetitions
)

SELECT
    concat_ws('/', 'repetitions', video_id, person_id, (repetition - 1) // 6) AS row_key,
    video_id,
    person_id,
    min(first_time_s) AS first_time_s,
    max(last_time_s) AS last_time_s,
    list(fact(repetition, NULL, NULL, '1', 'none', 'number of the ' || thing, NULL, 'repetitions', result_key, 'repetition') ORDER BY repetition) AS numbers,
    list(fact(first_time_s, NULL, NULL, 's', 'none', 'start of the ' || thing, NULL, 'repetitions', result_key, 'first_time_s') ORDER BY repetition) AS starts,
    list(fact(turn_time_s, NULL, NULL, 's', 'none', 'turn of the ' || thing, NULL, 'repetitions', result_key, 'turn_time_s') ORDER BY repetition) AS turns,
    list(fact(last_time_s, NULL, NULL, 's', 'none', 'end of the ' || thing, NULL, 'repetitions', result_key, 'last_time_s') ORDER BY repetition) AS ends,
    list(fact(depth, NULL, NULL, unit, 'none', 'depth of the ' || thing, NULL, 'repetitions', result_key, 'depth') ORDER BY repetition) AS depths,
    list(fact(repetition, NULL, NULL, '1', 'none', 'number of the deepest ' || thing, NULL, 'repetitions', result_key, 'repetition')
        ORDER BY depth DESC, repetition)[1] AS deepest,
    list(fact(repetition, NULL, NULL, '1', 'none', 'number of the shallowest ' || thing, NULL, 'repetitions', result_key, 'repetition')
        ORDER BY depth, repetition)[1] AS shallowest,
    list(fact(turn_time_s, NULL, NULL, 's', 'none', 'turn of the deepest ' || thing, NULL, 'repetitions', result_key, 'turn_time_s')
        ORDER BY depth DESC, repetition)[1] AS deepest_turn,
    max(depth) > min(depth) AS has_deepest,
    any_value(thing) AS thing,
    -- The repeating signal in words: `left_knee_3d` is the left knee.
    replace(regexp_replace(any_value(signal), '_[23]d$', ''), '_', ' ') AS signal
FROM named
GROUP BY video_id, run_id, person_id, (repetition - 1) // 6
HAVING count(*) >= 2
ORDER BY video_id, row_key
