-- view:   raw_landmarks
-- what:   the landmarks as returned by the network, before smoothing; otherwise as landmarks
-- grain:  video_id, frame_idx, person_id, landmark_id
-- units:  x_px, y_px in pixels of the displayed picture from its top left; z_px in the same scale, smaller is nearer
--         to the camera; world_ in meters from the middle of the hips (x right, y down, z away); visibility, presence
--         0..1
-- values: NULL means missing; left and right are the athlete's own; track_id is the tracklet, see tracks
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW raw_landmarks AS
SELECT
    parts.video_id,
    videos.name AS video,
    parts.run_id,
    parts.frame_idx,
    parts.time_s,
    tracks.person_id,
    parts.landmark_id,
    parts.landmark,
    parts.x_px,
    parts.y_px,
    parts.z_px,
    parts.visibility,
    parts.presence,
    parts.world_x_m,
    parts.world_y_m,
    parts.world_z_m,
    parts.track_id
FROM read_parquet('raw_landmarks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id
JOIN read_parquet('tracks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS tracks
    ON tracks.run_id = parts.run_id
    AND tracks.track_id = parts.track_id
    AND parts.frame_idx BETWEEN tracks.first_frame_idx AND tracks.last_frame_idx;
