-- view:   kinematics
-- what:   position and speed of body points
-- grain:  video_id, frame_idx, person_id, point
-- values: point is a landmark, neck, mid_hip or center_of_mass; velocity_x_px_s is positive to the right,
--         velocity_y_px_s positive upward; speed and acceleration are magnitudes; _m_ columns use meters_per_px of
--         scales, NULL if the scale is unknown; error_px is the standard error of x_px and y_px; quality as in
--         joint_angles
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW kinematics AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('kinematics/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
