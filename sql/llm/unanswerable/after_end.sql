-- examples: after_end
-- what:     a question about a time after the end of the video
-- grain:    video_id, person_id
-- needs:    athletes, video_spans
-- run:      by `posekit export-llm`, on the catalog

WITH asked AS (
    SELECT
        athletes.*,
        video_spans.duration_s,
        video_spans.result_key AS span_key,
        (ceil(video_spans.duration_s) + 5 + md5_number_lower(athletes.result_key) % 40)::INTEGER AS asked_s,
        ['knee', 'hip', 'elbow', 'shoulder'][1 + (md5_number_lower(athletes.result_key) // 64 % 4)::INTEGER] AS joint,
        ['left', 'right'][1 + (md5_number_lower(athletes.result_key) // 1024 % 2)::INTEGER] AS side
    FROM athletes
    JOIN video_spans ON video_spans.video_id = athletes.video_id
    WHERE video_spans.duration_s IS NOT NULL
)

SELECT
    concat_ws('/', 'after_end', video_id, person_id) AS row_key,
    video_id,
    person_id,
    first_time_s,
    last_time_s,
    fact(
        NULL, NULL, NULL, 'deg', side, joint || ' angle', joint, '',
        'sql:SELECT angle_2d_deg FROM joint_angles WHERE video_id = ''' || video_id || ''' AND person_id = ' || person_id || ' AND joint = '''
            || joint || ''' AND side = ''' || side || ''' AND time_s >= ' || asked_s,
        ''
    ) AS missing,
    fact(duration_s, NULL, NULL, 's', 'none', 'length of the clip', NULL, 'video_spans', span_key, 'duration_s') AS duration,
    asked_s::VARCHAR AS asked,
    side,
    joint
FROM asked
ORDER BY video_id, row_key
