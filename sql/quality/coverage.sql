-- check:  coverage
-- what:   a person is found in too few of the frames between the person's first and last frame
-- grain:  one row per violation
-- needs:  clean_landmarks

WITH spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        -- A repeated frame is interpolated, but the network saw the person in it.
        count(*) FILTER (provenance <> 'interpolated' OR visibility IS NOT NULL) AS found,
        max(frame_idx) - min(frame_idx) + 1 AS expected
    FROM clean_landmarks
    WHERE landmark = 'nose'
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    CASE WHEN found < 0.5 * expected THEN 'error' ELSE 'warning' END AS severity,
    100.0 * found / expected AS value,
    format('found in {} of {} frames', found, expected) AS problem
FROM spans
WHERE found < 0.9 * expected
