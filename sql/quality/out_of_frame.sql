-- check:  out_of_frame
-- what:   much of the body is outside the picture: the landmarks outside are guesses
-- grain:  one row per violation
-- needs:  clean_landmarks, videos

WITH outside AS (
    SELECT
        clean.video_id,
        clean.run_id,
        clean.person_id,
        clean.frame_idx,
        count(*) FILTER (x_px < 0 OR y_px < 0 OR x_px > videos.width OR y_px > videos.height) AS n_outside
    FROM clean_landmarks AS clean
    JOIN videos ON videos.video_id = clean.video_id
    WHERE landmark_id BETWEEN 11 AND 32
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'warning' AS severity,
    100.0 * count(*) FILTER (n_outside >= 6) / count(*) AS value,
    format('a quarter of the body or more is outside the picture in {} of {} frames', count(*) FILTER (n_outside >= 6), count(*)) AS problem
FROM outside
GROUP BY video_id, run_id, person_id
HAVING count(*) FILTER (n_outside >= 6) > 0.1 * count(*)
