-- query:  signal
-- what:   the angle in which the repetitions of a person were detected, in every frame while the person is in view
-- grain:  frame_idx
-- units:  degrees; seconds from the first frame
-- values: NULL means missing or too uncertain to be used (quality below one half, as in sql/signals/angles.sql)
-- parameters: SET VARIABLE person_id = ...; SET VARIABLE signal = '...': side_joint_3d, as in repetitions
-- run:    in any DuckDB client, on the catalog of one video

WITH span AS (
    SELECT min(first_frame_idx) AS first_frame_idx, max(last_frame_idx) AS last_frame_idx
    FROM tracks
    WHERE person_id = getvariable('person_id')::INTEGER
),

angles AS (
    SELECT frame_idx, CASE WHEN quality >= 0.5 THEN angle_3d_deg END AS value
    FROM joint_angles
    WHERE person_id = getvariable('person_id')::INTEGER AND side || '_' || joint || '_3d' = getvariable('signal')
)

SELECT frames.frame_idx, frames.time_s, angles.value
FROM frames
JOIN span ON frames.frame_idx BETWEEN span.first_frame_idx AND span.last_frame_idx
LEFT JOIN angles ON angles.frame_idx = frames.frame_idx
ORDER BY frames.frame_idx
