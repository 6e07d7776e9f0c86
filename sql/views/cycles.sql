-- view:   cycles
-- what:   joint angles over each cycle, resampled to 0..100 % of the cycle
-- grain:  video_id, person_id, kind, side, cycle, joint, joint_side, percent
-- values: kind is stride (from contact to the next contact of the same side) or repetition; side is the side of the
--         stride, or both for repetitions; angles as in joint_angles, interpolated linearly
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW cycles AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('cycles/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
