-- query:  curves
-- what:   the joint angles of the main athlete over the whole video with at most 600 points, for thumbnail-sized lines
-- grain:  joint, side, time_s
-- units:  degrees; seconds from the first frame
-- run:    in any DuckDB client, on the catalog of one video

WITH span AS (
    SELECT greatest(1, ceil((max(frame_idx) + 1) / 600.0))::INTEGER AS step
    FROM joint_angles
)

SELECT joint::VARCHAR AS joint, side::VARCHAR AS side, min(time_s) AS time_s, avg(angle_2d_deg) AS angle_2d_deg
FROM joint_angles, span
WHERE person_id = 0 AND angle_2d_deg IS NOT NULL
GROUP BY joint, side, frame_idx // step
ORDER BY joint, side, time_s
