-- view:   facings
-- what:   the side of a person toward the camera, found once for each span of time
-- grain:  video_id, person_id, first_frame_idx
-- values: facing is right (the right side is visible: the person looks to the right of the picture, once it is turned
--         so that the head is up), left, front or back; yaw_deg is the median angle of the body about the axis of the
--         trunk: 0 front, 90 right, -90 left, 180 back; times in seconds
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW facings AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('facings/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
