-- examples: knee_angle
-- what:     one second of a person's poses as text, and the largest flexion of a knee within it
-- grain:    video_id, person_id, side
-- needs:    clean_landmarks, joint_angles, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH spans AS (
    -- The second at the middle of the person's time in view.
    SELECT video_id, run_id, person_id, floor((first_time_s + last_time_s) / 2 * 10) / 10 AS start_s
    FROM athletes
),

points AS (
    SELECT
        clean.run_id,
        clean.person_id,
        clean.frame_idx,
        clean.time_s,
        clean.landmark::VARCHAR AS landmark,
        clean.landmark_id,
        clean.x_px::DOUBLE AS x_px,
        clean.y_px::DOUBLE AS y_px
    FROM clean_landmarks AS clean
    JOIN spans ON spans.run_id = clean.run_id AND spans.person_id = clean.person_id
    WHERE clean.time_s >= spans.start_s AND clean.time_s < spans.start_s + 1
        AND clean.landmark IN (
            'left_shoulder', 'right_shoulder', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle'
        )
),

centers AS (
    SELECT
        run_id,
        person_id,
        frame_idx,
        avg(x_px) FILTER (landmark LIKE '%hip') AS hip_x_px,
        avg(y_px) FILTER (landmark LIKE '%hip') AS hip_y_px,
        avg(x_px) FILTER (landmark LIKE '%shoulder') AS neck_x_px,
        avg(y_px) FILTER (landmark LIKE '%shoulder') AS neck_y_px
    FROM points
    GROUP BY run_id, person_id, frame_idx
),

torsos AS (
    SELECT run_id, person_id, median(sqrt(pow(neck_x_px - hip_x_px, 2) + pow(neck_y_px - hip_y_px, 2))) AS torso_px
    FROM centers
    GROUP BY run_id, person_id
),

sequences AS (
    SELECT
        points.run_id,
        points.person_id,
        list({
            'time_s': points.time_s,
            'landmark': points.landmark,
            'x': (points.x_px - centers.hip_x_px) / torsos.torso_px,
            'y': (centers.hip_y_px - points.y_px) / torsos.torso_px
        } ORDER BY points.time_s, points.landmark_id) AS pose
    FROM points
    JOIN centers
        ON centers.run_id = points.run_id AND centers.person_id = points.person_id AND centers.frame_idx = points.frame_idx
    JOIN torsos ON torsos.run_id = points.run_id AND torsos.person_id = points.person_id
    WHERE torsos.torso_px > 0
    GROUP BY points.run_id, points.person_id
),

peaks AS (
    SELECT
        spans.video_id,
        spans.run_id,
        spans.person_id,
        spans.start_s,
        angles.side::VARCHAR AS side,
        round(max(angles.angle_2d_deg)::DOUBLE, 0) AS peak_deg
    FROM spans
    JOIN joint_angles AS angles ON angles.run_id = spans.run_id AND angles.person_id = spans.person_id
    WHERE angles.joint = 'knee' AND angles.quality >= 0.5
        AND angles.time_s >= spans.start_s AND angles.time_s < spans.start_s + 1
    GROUP BY ALL
    -- The text has ten poses per second. The question is asked only if these poses show the peak, and if the knee
    -- bends forward as the text says.
    HAVING max(angles.angle_2d_deg) - max(angles.angle_2d_deg) FILTER (abs(angles.time_s - round(angles.time_s, 1)) <= 0.02) <= 2
        AND max(angles.angle_2d_deg) >= 3
)

SELECT
    concat_ws('/', 'pose_text_knee_angle', peaks.video_id, peaks.person_id, peaks.side) AS row_key,
    peaks.video_id,
    peaks.person_id,
    peaks.start_s AS first_time_s,
    peaks.start_s + 1 AS last_time_s,
    sequences.pose,
    peaks.side,
    CASE peaks.side WHEN 'left' THEN 'right' ELSE 'left' END AS other_side,
    fact(
        peaks.peak_deg, NULL, NULL, 'deg', peaks.side, 'largest knee flexion', 'knee', '',
        format(
            'sql:SELECT round(max(angle_2d_deg)::DOUBLE, 0) FROM joint_angles WHERE video_id = ''{}'' AND person_id = {} AND joint = ''knee'' AND side = ''{}'' AND quality >= 0.5 AND time_s >= {} AND time_s < {}',
            peaks.video_id, peaks.person_id, peaks.side, peaks.start_s, peaks.start_s + 1
        ),
        ''
    ) AS peak
FROM peaks
JOIN sequences ON sequences.run_id = peaks.run_id AND sequences.person_id = peaks.person_id
ORDER BY peaks.video_id, row_key
