-- query:  boxes
-- what:   the box around a person in every frame of a video, NULL if the person was not found
-- grain:  frame_idx
-- units:  pixels of the displayed picture; seconds from the first frame
-- parameters: SET VARIABLE person = '...'
-- run:    in any DuckDB client, on the catalog of one video

WITH seen AS (
    SELECT frame_idx, x_px, y_px
    FROM landmarks
    WHERE person_id = getvariable('person')::INTEGER AND visibility >= 0.3
)

SELECT
    frames.frame_idx,
    frames.time_s,
    min(seen.x_px) AS left_px,
    min(seen.y_px) AS top_px,
    max(seen.x_px) AS right_px,
    max(seen.y_px) AS bottom_px
FROM frames
LEFT JOIN seen ON seen.frame_idx = frames.frame_idx
GROUP BY frames.frame_idx, frames.time_s
ORDER BY frames.frame_idx
