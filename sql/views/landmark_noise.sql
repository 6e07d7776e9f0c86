-- view:   landmark_noise
-- what:   frame-to-frame jitter of the network's raw landmarks, and statistics of cleaning
-- grain:  video_id, person_id, landmark_id
-- values: jitter_ are standard deviations of white noise, in px of the picture and in m of the world landmarks,
--         estimated from third differences; clean_jitter_ is the jitter after filtering; n_ are numbers of frames
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW landmark_noise AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('landmark_noise/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
