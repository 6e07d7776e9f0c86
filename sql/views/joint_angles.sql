-- view:   joint_angles
-- what:   angles of the joints over time, in the plane of the picture and in space
-- grain:  video_id, frame_idx, person_id, joint, side
-- values: flexion and dorsiflexion are positive; degrees. angle_2d_deg is signed, measured in the picture in the
--         direction in which the person faces: from the side within -30 to 180 for knee and elbow, -90 to 170 for the
--         hip, -120 to 240 for the shoulder, -80 to 60 for the ankle and -110 to 110 for the wrist, NULL if the
--         landmarks say what no joint can do; from the front and the back within (-180, 180]. angle_3d_deg is
--         unsigned, from world landmarks (independent of the view): 0..180, ankle -90..90. velocity_deg_s and
--         acceleration_deg_s2 are derivatives of the 2D angle, velocity_3d_deg_s of the 3D angle. error_deg is the
--         standard error of angle_2d_deg, error_3d_deg of angle_3d_deg, both at most 90; quality is the lowest
--         visibility of the landmarks, 0..1
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit analyze`

CREATE OR REPLACE VIEW joint_angles AS
SELECT parts.video_id, videos.name AS video, parts.run_id, parts.* EXCLUDE (video_id, run_id)
FROM read_parquet('joint_angles/*/*/*.parquet', hive_partitioning = true, hive_types_autocast = false) AS parts
JOIN videos ON videos.current_run_id = parts.run_id;
