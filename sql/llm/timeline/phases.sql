-- examples: phases
-- what:     the phases of an attempt: start, end and duration of each
-- grain:    video_id, person_id, attempt
-- needs:    phase_durations
-- run:      by `posekit export-llm`, on the catalog

WITH named AS (
    SELECT
        *,
        CASE phase
            WHEN 'leg_acceleration' THEN 'acceleration of the leg'
            WHEN 'follow_through' THEN 'follow-through'
            WHEN 'push_off' THEN 'push-off'
            ELSE replace(phase, '_', ' ')
        END AS words
    FROM phase_durations
)

SELECT
    concat_ws('/', 'phases', named.video_id, person_id, attempt) AS row_key,
    named.video_id,
    person_id,
    min(first_time_s) AS first_time_s,
    max(last_time_s) AS last_time_s,
    list(fact(first_time_s, NULL, NULL, 's', 'none', words, NULL, 'phase_durations', result_key, 'first_time_s') ORDER BY first_time_s, phase) AS starts,
    list(fact(last_time_s, NULL, NULL, 's', 'none', words, NULL, 'phase_durations', result_key, 'last_time_s') ORDER BY first_time_s, phase) AS ends,
    list(fact(duration_s, low, high, 's', 'none', words, NULL, 'phase_durations', result_key, 'duration_s') ORDER BY first_time_s, phase) AS durations,
    fact(attempt, NULL, NULL, '1', 'none', 'number of the attempt', NULL, 'phase_durations', min(result_key), 'attempt') AS attempt,
    arg_max(words, {'s': duration_s, 'phase': phase}) AS longest,
    arg_min(words, {'s': duration_s, 'phase': phase}) AS shortest,
    count(*) > 1 AS has_several,
    CASE WHEN count(*) = 2 THEN 'longer' ELSE 'longest' END AS longest_word,
    -- The longest phase is stated only if the intervals do not overlap.
    arg_max(low, {'s': duration_s, 'phase': phase}) > coalesce(max(high) FILTER (phase <> longest_phase), 0) AS is_clear
FROM (
    SELECT *, arg_max(phase, {'s': duration_s, 'phase': phase}) OVER (PARTITION BY run_id, person_id, attempt) AS longest_phase
    FROM named
) AS named
GROUP BY named.video_id, run_id, person_id, attempt
ORDER BY named.video_id, row_key
