-- view:   scales
-- what:   meters per pixel of each person, the method by which it was found, and the position of the floor
-- grain:  video_id, person_id
-- values: method is height (the height that the user gave), world (the network's world landmarks) or none; low and
--         high are the ends of the 95 % interval of meters_per_px; height_px is the standing height in the picture;
--         floor_y_px is the picture row in which the feet touch the floor in the middle of their path; floor_angle_deg
--         is the slope of the floor (positive: rises to the right); NULL means unknown. The scale assumes a fixed
--         camera and a constant distance between person and camera
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW scales AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('scales/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
