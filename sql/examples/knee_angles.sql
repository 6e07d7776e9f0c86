-- query:  knee angles over time
-- what:   the knee angles of the main athlete of the first video, frame by frame
-- grain:  frame_idx, side
-- units:  seconds, degrees (0 is straight)
-- run:    in any DuckDB client, on the catalog, after `posekit analyze`

SELECT time_s, side, round(angle_2d_deg, 1) AS knee_deg
FROM joint_angles
WHERE joint = 'knee' AND person_id = 0 AND video = (SELECT min(video) FROM joint_angles)
ORDER BY time_s, side;
