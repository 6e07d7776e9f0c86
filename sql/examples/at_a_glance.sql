-- query:  at a glance
-- what:   a summary of each person in each video: knee angles, hands above the head, distance covered by the hips
-- grain:  video, person_id
-- units:  knee angles in degrees (180 is straight) from world landmarks; hips_travel_px in pixels of the picture;
--         seconds
-- run:    in any DuckDB client, on the catalog; or `posekit query < sql/examples/at_a_glance.sql`

WITH knees AS (
    SELECT
        video,
        person_id,
        time_s,
        [left_hip_world_x_m - left_knee_world_x_m,
         left_hip_world_y_m - left_knee_world_y_m,
         left_hip_world_z_m - left_knee_world_z_m] AS left_thigh,
        [left_ankle_world_x_m - left_knee_world_x_m,
         left_ankle_world_y_m - left_knee_world_y_m,
         left_ankle_world_z_m - left_knee_world_z_m] AS left_shank,
        least(left_wrist_y_px, right_wrist_y_px) < nose_y_px AS has_hand_up,
        (left_hip_x_px + right_hip_x_px) / 2 AS hips_x_px
    FROM poses
)

SELECT
    video,
    person_id AS person,
    count(*) AS frames,
    round(max(time_s) - min(time_s), 2) AS seconds,
    round(min(degrees(acos(list_cosine_similarity(left_thigh, left_shank))))) AS left_knee_min_deg,
    round(max(degrees(acos(list_cosine_similarity(left_thigh, left_shank))))) AS left_knee_max_deg,
    round(100 * avg(has_hand_up::INT)) AS hand_up_pct,
    round(max(hips_x_px) - min(hips_x_px)) AS hips_travel_px
FROM knees
GROUP BY video, person_id
ORDER BY video, person_id;
