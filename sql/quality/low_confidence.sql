-- check:  low_confidence
-- what:   the network hardly sees a joint (visibility below one half in most frames): the angles of the joint are
--         guesses
-- grain:  one row per violation
-- needs:  clean_landmarks

SELECT
    video_id,
    run_id,
    person_id,
    'info' AS severity,
    avg(visibility) AS value,
    format('{} is hardly visible (mean visibility {:.2f})', landmark, avg(visibility)) AS problem
FROM clean_landmarks
WHERE landmark_id BETWEEN 11 AND 32 AND landmark_id NOT BETWEEN 17 AND 22
GROUP BY video_id, run_id, person_id, landmark
HAVING median(visibility) < 0.5
