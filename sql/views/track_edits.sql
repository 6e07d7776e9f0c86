-- view:   track_edits
-- what:   what the user has set right about who is who: rows that every later run of the video obeys
-- grain:  video_id, edit_id
-- units:  time_s in seconds from the first frame; x_px, y_px the person's middle of the hips in that frame, in pixels of the
--         displayed picture
-- values: kind is merge (the person here and the one at other_ are one), split (from that frame on it is another person) or name
-- run:    from the dataset folder, in any DuckDB client; posekit puts the folder's own path in

CREATE OR REPLACE VIEW track_edits AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.edit_id,
    parts.kind,
    parts.frame_idx,
    parts.time_s,
    parts.x_px,
    parts.y_px,
    parts.other_frame_idx,
    parts.other_time_s,
    parts.other_x_px,
    parts.other_y_px,
    parts.name,
    parts.created_at
FROM read_parquet('edits/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
LEFT JOIN videos ON videos.video_id = parts.video_id;
