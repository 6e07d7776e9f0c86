-- macro:      posture
-- what:       whether each person ever stands upright: a table with one row for each person, with video_id, run_id,
--             person_id and is_upright
-- parameters: joint_angles: the name of the relation of that name
-- unit:       true or false
-- source:     convention of posekit: upright means hip and knee of one leg bent by less than 45 degrees in space, in a
--             tenth of the frames. Runners are upright, cyclists and rowers are not

CREATE OR REPLACE MACRO posture(joint_angles := 'joint_angles') AS TABLE
WITH legs AS (
    SELECT video_id, run_id, person_id, frame_idx, side, max(angle_3d_deg) AS bent_deg
    FROM query_table(joint_angles)
    WHERE joint IN ('hip', 'knee') AND angle_3d_deg IS NOT NULL
    GROUP BY video_id, run_id, person_id, frame_idx, side
    HAVING count(*) = 2
),

straighter AS (
    SELECT video_id, run_id, person_id, frame_idx, min(bent_deg) AS bent_deg
    FROM legs
    GROUP BY video_id, run_id, person_id, frame_idx
)

SELECT video_id, run_id, person_id, quantile_cont(bent_deg, 0.1) < 45 AS is_upright
FROM straighter
GROUP BY video_id, run_id, person_id;
