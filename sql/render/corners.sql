-- query:  corners
-- what:   the number of landmarks in the upper left and the upper right corner of the picture over the whole video, to
--         place a panel in the corner with fewer
-- grain:  one row
-- run:    in any DuckDB client, on the catalog of one video

SELECT
    count(*) FILTER (landmarks.x_px < 0.3 * videos.width) AS n_left,
    count(*) FILTER (landmarks.x_px > 0.7 * videos.width) AS n_right
FROM landmarks
JOIN videos ON videos.video_id = landmarks.video_id
WHERE landmarks.visibility >= 0.3 AND landmarks.y_px BETWEEN 0 AND 0.55 * videos.height
