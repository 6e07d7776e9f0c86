-- check:  scale_drift
-- what:   the person moves toward or away from the camera: one scale for the whole video gives wrong meters
-- grain:  one row per violation
-- needs:  clean_landmarks

WITH trunks AS (
    SELECT
        video_id,
        run_id,
        person_id,
        frame_idx,
        sqrt(
            pow(
                avg(y_px) FILTER (landmark IN ('left_shoulder', 'right_shoulder'))
                - avg(y_px) FILTER (landmark IN ('left_hip', 'right_hip')), 2
            ) + pow(
                avg(x_px) FILTER (landmark IN ('left_shoulder', 'right_shoulder'))
                - avg(x_px) FILTER (landmark IN ('left_hip', 'right_hip')), 2
            )
        ) AS trunk_px
    FROM clean_landmarks
    WHERE landmark_id IN (11, 12, 23, 24) AND x_px IS NOT NULL
    GROUP BY ALL
),

numbered AS (
    SELECT *, ntile(4) OVER (PARTITION BY run_id, person_id ORDER BY frame_idx) AS quarter
    FROM trunks
),

quarters AS (
    SELECT video_id, run_id, person_id, quarter, median(trunk_px) AS trunk_px
    FROM numbered
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'warning' AS severity,
    100 * (max(trunk_px) / min(trunk_px) - 1) AS value,
    format('the length of the trunk in the picture varies by up to {:.0f} %', 100 * (max(trunk_px) / min(trunk_px) - 1)) AS problem
FROM quarters
GROUP BY video_id, run_id, person_id
HAVING max(trunk_px) > 1.3 * min(trunk_px)
