-- examples: joint_peak
-- what:     the largest angle of a joint within a span of two seconds, among the first ten seconds, from joint_angles
-- grain:    video_id, person_id, span
-- needs:    joint_angles
-- run:      by `posekit export-llm`, on the catalog

WITH spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        joint,
        side,
        floor(time_s / 2)::INTEGER AS span,
        max(angle_2d_deg)::DOUBLE AS peak_deg,
        round(max(angle_2d_deg)::DOUBLE, 1) AS shown_deg,
        count(*) AS n_frames
    FROM joint_angles
    WHERE time_s < 10 AND joint IN ('knee', 'hip', 'elbow', 'shoulder') AND quality >= 0.5 AND angle_2d_deg IS NOT NULL
    GROUP BY video_id, run_id, person_id, joint, side, floor(time_s / 2)
),

-- One joint for each span of a person. The hash of the key decides which, so that the choice never changes.
chosen AS (
    SELECT *
    FROM spans
    QUALIFY row_number() OVER (
        PARTITION BY run_id, person_id, span ORDER BY md5(concat_ws('/', video_id, person_id, span, joint, side))
    ) = 1
),

worded AS (
    SELECT
        *,
        format(
            'FROM joint_angles WHERE video_id = ''{}'' AND person_id = {} AND joint = ''{}'' AND side = ''{}'' AND quality >= 0.5 AND time_s >= {} AND time_s < {}',
            video_id, person_id, joint, side, 2 * span, 2 * span + 2
        ) AS where_from
    FROM chosen
)

SELECT
    concat_ws('/', 'tool_joint_peak', video_id, person_id, span) AS row_key,
    video_id,
    person_id,
    2.0 * span AS first_time_s,
    2.0 * span + 2 AS last_time_s,
    video_id AS this_video,
    person_id::VARCHAR AS this_person,
    'SELECT round(max(angle_2d_deg)::DOUBLE, 1) AS peak_deg, count(angle_2d_deg) AS frames ' || where_from AS tool_sql,
    to_json([{'peak_deg': shown_deg, 'frames': n_frames}])::VARCHAR AS tool_answer,
    fact(shown_deg, NULL, NULL, 'deg', side, joint || ' peak angle', joint, '', 'sql:SELECT round(max(angle_2d_deg)::DOUBLE, 1) ' || where_from, '') AS peak,
    fact(n_frames, NULL, NULL, '1', side, 'number of frames', NULL, '', 'sql:SELECT count(angle_2d_deg) ' || where_from, '') AS frames,
    (2 * span)::VARCHAR AS from_s,
    (2 * span + 2)::VARCHAR AS to_s,
    joint,
    side,
    CASE side WHEN 'left' THEN 'right' ELSE 'left' END AS other_side,
    CASE joint WHEN 'knee' THEN 'hip' WHEN 'hip' THEN 'knee' WHEN 'elbow' THEN 'shoulder' ELSE 'elbow' END AS other_joint
FROM worded
ORDER BY video_id, row_key
