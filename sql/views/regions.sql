-- view:   regions
-- what:   the region of the frame in which the landmark network looked for a person, with the score that a person is
--         there
-- grain:  video_id, frame_idx, person_id
-- units:  _px in pixels of the displayed picture, rotation_rad clockwise from upright, score 0..1
-- values: source is detector or people_detector (found anew; the latter for several people), tracking (followed from
--         the frame before) or turned (also, but rotated: the person was lost in an unusual posture); track_id is the
--         tracklet, see tracks
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW regions AS
SELECT
    parts.video_id,
    parts.run_id,
    parts.frame_idx,
    parts.time_s,
    tracks.person_id,
    parts.source,
    parts.score,
    parts.center_x_px,
    parts.center_y_px,
    parts.side_px,
    parts.rotation_rad,
    parts.object_scale_px,
    parts.track_id
FROM read_parquet('regions/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id
JOIN read_parquet('tracks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS tracks
    ON tracks.run_id = parts.run_id
    AND tracks.track_id = parts.track_id
    AND parts.frame_idx BETWEEN tracks.first_frame_idx AND tracks.last_frame_idx;
