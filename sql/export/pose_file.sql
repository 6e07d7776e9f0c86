-- query:  pose_file
-- what:   all frames of a video with all people in them: one row per landmark, then one per joint angle; a frame
--         without people has one row without a person
-- grain:  frame_idx, person_id, landmark_id, joint, side
-- units:  as in clean_landmarks and joint_angles; landmark_id is 33 in the rows of angles
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

WITH parts AS (
    SELECT
        frames.frame_idx,
        frames.time_s,
        coalesce(clean.person_id, -1)::INTEGER AS person_id,
        coalesce(clean.landmark_id, -1)::INTEGER AS landmark_id,
        NULL::VARCHAR AS joint,
        NULL::VARCHAR AS side,
        clean.x_px::DOUBLE AS x_px,
        clean.y_px::DOUBLE AS y_px,
        clean.visibility::DOUBLE AS visibility,
        clean.world_x_m::DOUBLE AS world_x_m,
        clean.world_y_m::DOUBLE AS world_y_m,
        clean.world_z_m::DOUBLE AS world_z_m,
        NULL::DOUBLE AS angle_2d_deg,
        NULL::DOUBLE AS angle_3d_deg
    FROM frames
    LEFT JOIN clean_landmarks AS clean ON clean.run_id = frames.run_id AND clean.frame_idx = frames.frame_idx
    WHERE frames.video_id = getvariable('video_id')
    UNION ALL
    SELECT
        frame_idx, time_s, person_id, 33, joint::VARCHAR, side::VARCHAR, NULL, NULL, NULL, NULL, NULL, NULL,
        angle_2d_deg::DOUBLE, angle_3d_deg::DOUBLE
    FROM joint_angles
    WHERE video_id = getvariable('video_id')
)

SELECT *
FROM parts
ORDER BY frame_idx, person_id, landmark_id, joint, side
