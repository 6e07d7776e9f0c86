-- query:  points
-- what:   the clean landmarks of a person, landmark by landmark, one row for every frame of the video
-- grain:  landmark_id, frame_idx
-- units:  as in clean_landmarks; NULL if the person is not visible
-- parameters: SET VARIABLE video_id = '...'; SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog

SELECT
    ids.landmark_id::INTEGER AS landmark_id,
    frames.frame_idx,
    frames.time_s,
    clean.x_px::DOUBLE AS x_px,
    clean.y_px::DOUBLE AS y_px,
    clean.world_x_m::DOUBLE AS world_x_m,
    clean.world_y_m::DOUBLE AS world_y_m,
    clean.world_z_m::DOUBLE AS world_z_m
FROM frames
CROSS JOIN range(33) AS ids (landmark_id)
LEFT JOIN clean_landmarks AS clean
    ON clean.run_id = frames.run_id
    AND clean.frame_idx = frames.frame_idx
    AND clean.landmark_id = ids.landmark_id
    AND clean.person_id = getvariable('person_id')::INTEGER
WHERE frames.video_id = getvariable('video_id')
ORDER BY landmark_id, frames.frame_idx
