-- view:   camera_motion
-- what:   how the camera moved since the frame before, from the background: what is not people
-- grain:  video_id, frame_idx
-- units:  shift_x_px, shift_y_px in pixels of the displayed picture: how far the background at the center of the picture
--         moved to the right and downward; zoom is the factor by which it grew about the center; roll_deg is its rotation
--         about the center, clockwise; share 0..1
-- values: n_patches is the number of textured patches of the background, share that of those that moved together. The
--         motion is NULL if too few did, and in the first frame of each segment. 0, 0, 1, 0 is a still camera: motions of
--         less than 1/3200 of the longer side a frame do not count. A frame that repeats the picture before it
--         (frames.is_repeated) has 0, 0, 1, 0 and 0 patches. is_cut: the frame is the first of another scene, and has no
--         motion (NULL where an earlier version extracted and did not look)
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW camera_motion AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.frame_idx,
    parts.time_s,
    parts.shift_x_px,
    parts.shift_y_px,
    parts.zoom,
    parts.roll_deg,
    parts.n_patches,
    parts.share,
    parts.is_cut
FROM read_parquet('camera_motion/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
