-- query:  raw_points
-- what:   the raw landmarks of all people in the columns of clean_landmarks, so that the same SQL computes angles from
--         them
-- grain:  frame_idx, person_id, landmark_id
-- units:  as in raw_landmarks; errors are unknown before cleaning
-- run:    in any DuckDB client, on the catalog of one video

SELECT
    video_id,
    run_id,
    frame_idx,
    time_s,
    person_id,
    landmark_id,
    landmark,
    x_px,
    y_px,
    world_x_m,
    world_y_m,
    world_z_m,
    visibility,
    NULL::FLOAT AS error_px,
    NULL::FLOAT AS error_m
FROM raw_landmarks
