-- view:   clean_landmarks
-- what:   the 33 landmarks of every person, computed from raw_landmarks: swapped sides corrected, outliers replaced,
--         short gaps filled, filtered
-- grain:  video_id, frame_idx, person_id, landmark_id
-- values: columns and units as in landmarks; provenance is measured (filtered only), interpolated (the network gave no
--         value, or the frame repeats the picture before it), corrected (an outlier, or sides were exchanged) or
--         missing (coordinates are NULL: a gap too long to fill); visibility and presence are those of the network,
--         NULL if it gave none; error_px and error_m are standard errors along each axis, in the picture and in the
--         world, without jitter (see landmark_noise)
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW clean_landmarks AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('clean_landmarks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
