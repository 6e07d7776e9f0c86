-- query:  landmarks
-- what:   the landmarks of all people in a span of a video, for drawing: the clean landmarks, or the smoothed ones if
--         the video was not analyzed
-- grain:  frame_idx, person_id, landmark_id
-- units:  pixels of the displayed picture; visibility 0..1
-- parameters: SET VARIABLE first_frame = '...', last_frame = '...'
-- run:    in any DuckDB client, on the catalog of one video

WITH drawn AS (
    SELECT frame_idx, person_id, landmark_id, x_px, y_px, visibility, provenance::VARCHAR AS provenance
    FROM clean_landmarks
    WHERE frame_idx BETWEEN getvariable('first_frame')::BIGINT AND getvariable('last_frame')::BIGINT
    UNION ALL
    SELECT frame_idx, person_id, landmark_id, x_px, y_px, visibility, 'measured' AS provenance
    FROM landmarks
    WHERE frame_idx BETWEEN getvariable('first_frame')::BIGINT AND getvariable('last_frame')::BIGINT
        AND NOT EXISTS (SELECT 1 FROM clean_landmarks)
)

SELECT frame_idx, person_id, landmark_id, x_px, y_px, visibility, provenance
FROM drawn
WHERE x_px IS NOT NULL AND y_px IS NOT NULL
ORDER BY frame_idx, person_id, landmark_id
