-- examples: steps
-- what:     steps of walking and running in order of time, six at a time
-- grain:    video_id, person_id, part of six steps
-- needs:    step_times
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'steps', video_id, person_id, (step - 1) // 6) AS row_key,
    video_id,
    person_id,
    min(first_time_s) AS first_time_s,
    max(last_time_s) AS last_time_s,
    list(fact(last_time_s, NULL, NULL, 's', side, 'end of the step', NULL, 'step_times', result_key, 'last_time_s') ORDER BY step) AS ends,
    list(fact(step_time_s, low, high, 's', side, 'step time', NULL, 'step_times', result_key, 'step_time_s') ORDER BY step) AS times,
    list(fact(step_time_s, low, high, 's', side, 'step time', NULL, 'step_times', result_key, 'step_time_s') ORDER BY step_time_s, step)[1] AS quickest,
    list(fact(step_time_s, low, high, 's', side, 'step time', NULL, 'step_times', result_key, 'step_time_s') ORDER BY step_time_s DESC, step)[1] AS slowest,
    list(fact(last_time_s, NULL, NULL, 's', side, 'end of the step', NULL, 'step_times', result_key, 'last_time_s') ORDER BY step_time_s, step)[1] AS quickest_end,
    list(fact(last_time_s, NULL, NULL, 's', side, 'end of the step', NULL, 'step_times', result_key, 'last_time_s') ORDER BY step_time_s DESC, step)[1] AS slowest_end,
    -- All steps have the same interval: half a frame at each end.
    max(step_time_s) - min(step_time_s) > sqrt(2) * max(high - step_time_s) AS is_uneven
FROM step_times
GROUP BY video_id, run_id, person_id, (step - 1) // 6
HAVING count(*) >= 2
ORDER BY video_id, row_key
