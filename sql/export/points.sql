-- query:  points
-- what:   the clean landmarks of a person, landmark by landmark
-- grain:  landmark_id, frame_idx
-- units:  as in clean_landmarks
-- parameters: SET VARIABLE video_id = '...'; SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog

SELECT
    landmark_id::INTEGER AS landmark_id,
    frame_idx,
    time_s,
    x_px::DOUBLE AS x_px,
    y_px::DOUBLE AS y_px,
    world_x_m::DOUBLE AS world_x_m,
    world_y_m::DOUBLE AS world_y_m,
    world_z_m::DOUBLE AS world_z_m
FROM clean_landmarks
WHERE video_id = getvariable('video_id') AND person_id = getvariable('person_id')::INTEGER
ORDER BY landmark_id, frame_idx
