-- view:   segment_angles
-- what:   angles of the body segments to the horizontal over time
-- grain:  video_id, frame_idx, person_id, segment, side
-- values: degrees; side is left, right or center. angle_2d_deg is counter-clockwise in the direction in which the
--         person faces, and unwrapped: a full turn continues beyond 180. pelvis and shoulders: positive if the left
--         side is higher. angle_3d_deg is the elevation above the horizontal in space, -90..90. Other columns as in
--         joint_angles
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW segment_angles AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('segment_angles/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
