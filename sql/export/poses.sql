-- query:  poses
-- what:   all frames of a video with all people in them, one row per landmark; a frame without people has one row
--         without a person
-- grain:  frame_idx, person_id, landmark_id
-- units:  as in clean_landmarks
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    frames.frame_idx,
    frames.time_s,
    coalesce(clean.person_id, -1)::INTEGER AS person_id,
    coalesce(clean.landmark_id, -1)::INTEGER AS landmark_id,
    clean.x_px::DOUBLE AS x_px,
    clean.y_px::DOUBLE AS y_px,
    clean.visibility::DOUBLE AS visibility,
    clean.world_x_m::DOUBLE AS world_x_m,
    clean.world_y_m::DOUBLE AS world_y_m,
    clean.world_z_m::DOUBLE AS world_z_m
FROM frames
LEFT JOIN clean_landmarks AS clean ON clean.run_id = frames.run_id AND clean.frame_idx = frames.frame_idx
WHERE frames.video_id = getvariable('video_id')
ORDER BY frames.frame_idx, person_id, landmark_id
