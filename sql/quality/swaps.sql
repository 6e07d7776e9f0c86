-- check:  swaps
-- what:   left and right may be swapped for too long to be repaired by cleaning
-- grain:  one row per violation
-- needs:  landmark_noise

SELECT
    video_id,
    run_id,
    person_id,
    'warning' AS severity,
    max(n_suspected_swaps) AS value,
    format('left and right may be swapped in {} frames; they were left as they are', max(n_suspected_swaps)) AS problem
FROM landmark_noise
GROUP BY video_id, run_id, person_id
HAVING max(n_suspected_swaps) > 0
