-- view:   tracks
-- what:   the person of each tracklet; a tracklet is one person followed without interruption within a segment of 600
--         frames
-- grain:  video_id, track_id, first_frame_idx (a tracklet that an edit has split has a row for each piece)
-- units:  times in seconds from the first frame; score 0..1
-- values: link is how the person was recognized: new (not seen before), segment (from the frames just before), gap
--         (after a short time out of view), appearance (after a longer time, by the colors of the body), edit (set by
--         the user); cost: lower is more certain, NULL if nothing was compared; name is the name that the user gave;
--         n_frames, n_detections, score and appearance (colors of the upper and the lower body) are values of the
--         whole tracklet
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder

CREATE OR REPLACE VIEW tracks AS
SELECT
    tracks.video_id,
    videos.name AS video,
    tracks.run_id,
    tracks.track_id,
    tracks.person_id,
    tracks.name,
    tracks.first_frame_idx,
    tracks.last_frame_idx,
    tracks.link,
    tracks.cost,
    tracklets.first_time_s,
    tracklets.last_time_s,
    tracklets.n_frames,
    tracklets.n_detections,
    tracklets.score,
    tracklets.appearance
FROM read_parquet('tracks/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS tracks
JOIN videos ON videos.current_run_id = tracks.run_id
JOIN read_parquet('tracklets/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS tracklets
    ON tracklets.run_id = tracks.run_id
    AND tracklets.track_id = tracks.track_id;
