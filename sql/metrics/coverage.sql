-- metric: coverage
-- what:   share of the video's frames in which the person was found
-- grain:  video_id, person_id
-- unit:   percent
-- needs:  frames, clean_landmarks
-- source: definition; a count, so it has no uncertainty

WITH counted AS (
    SELECT
        nose.video_id,
        nose.run_id,
        nose.person_id,
        -- A repeated frame is interpolated, but the network saw the person in it.
        count(*) FILTER (nose.provenance <> 'interpolated' OR nose.visibility IS NOT NULL) AS found,
        (SELECT count(*) FROM frames WHERE frames.run_id = nose.run_id) AS total
    FROM clean_landmarks AS nose
    WHERE nose.landmark = 'nose'
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'coverage' AS metric,
    'none' AS side,
    100.0 * found / total AS value,
    100.0 * found / total AS low,
    100.0 * found / total AS high,
    '%' AS unit,
    total AS n
FROM counted
