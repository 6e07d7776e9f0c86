-- check:  nobody
-- what:   nobody is found in the video, so nothing is measured in it
-- grain:  one row per violation
-- needs:  frames, clean_landmarks

SELECT
    frames.video_id,
    frames.run_id,
    'error' AS severity,
    count(*) AS value,
    format('nobody was found in {} {}', count(*), CASE WHEN count(*) = 1 THEN 'frame' ELSE 'frames' END) AS problem
FROM frames
WHERE frames.run_id NOT IN (SELECT run_id FROM clean_landmarks)
GROUP BY frames.video_id, frames.run_id
