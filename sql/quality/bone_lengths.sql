-- check:  bone_lengths
-- what:   the length of a bone in space changes from one frame to the next by an impossible amount (world landmarks;
--         more than a quarter of the median length)
-- grain:  one row per violation
-- needs:  clean_landmarks

WITH bones (bone, a, b) AS (
    VALUES
        ('left thigh', 'left_hip', 'left_knee'), ('right thigh', 'right_hip', 'right_knee'),
        ('left shank', 'left_knee', 'left_ankle'), ('right shank', 'right_knee', 'right_ankle'),
        ('left arm', 'left_shoulder', 'left_elbow'), ('right arm', 'right_shoulder', 'right_elbow'),
        ('left forearm', 'left_elbow', 'left_wrist'), ('right forearm', 'right_elbow', 'right_wrist')
),

lengths AS (
    SELECT
        p.video_id,
        p.run_id,
        p.person_id,
        p.frame_idx,
        p.time_s,
        bones.bone,
        sqrt(
            pow(p.world_x_m - q.world_x_m, 2) + pow(p.world_y_m - q.world_y_m, 2) + pow(p.world_z_m - q.world_z_m, 2)
        ) AS length_m
    FROM bones
    JOIN clean_landmarks AS p ON p.landmark = bones.a
    JOIN clean_landmarks AS q
        ON q.run_id = p.run_id AND q.person_id = p.person_id AND q.frame_idx = p.frame_idx AND q.landmark = bones.b
    WHERE p.world_x_m IS NOT NULL AND q.world_x_m IS NOT NULL
),

changes AS (
    SELECT
        *,
        length_m - lag(length_m) OVER series AS change_m,
        frame_idx - lag(frame_idx) OVER series AS step,
        median(length_m) OVER (PARTITION BY run_id, person_id, bone) AS usual_m
    FROM lengths
    WINDOW series AS (PARTITION BY run_id, person_id, bone ORDER BY frame_idx)
)

SELECT
    video_id,
    run_id,
    person_id,
    'warning' AS severity,
    frame_idx,
    time_s,
    100 * change_m / usual_m AS value,
    format('the {} changes its length by {:.0f} % from one frame to the next', bone, 100 * abs(change_m) / usual_m) AS problem
FROM changes
WHERE step = 1 AND abs(change_m) > 0.25 * usual_m
