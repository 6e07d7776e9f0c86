-- examples: best_repetition
-- what:     the deepest, the shallowest, the quickest and the slowest repetition of a set
-- grain:    video_id, person_id, question
-- needs:    repetitions, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH questions (question, ask, ordered_by, shown) AS (
    VALUES
        ('deepest', 'deepest', 'depth DESC', 'depth'),
        ('shallowest', 'least deep', 'depth', 'depth'),
        ('quickest', 'quickest', 'duration_s', 'duration_s'),
        ('slowest', 'slowest', 'duration_s DESC', 'duration_s')
),

ranked AS (
    SELECT
        repetitions.*,
        question,
        ask,
        ordered_by,
        shown,
        row_number() OVER (
            PARTITION BY run_id, person_id, question
            ORDER BY CASE question WHEN 'deepest' THEN -depth WHEN 'shallowest' THEN depth WHEN 'quickest' THEN duration_s ELSE -duration_s END, repetition
        ) AS place
    FROM repetitions
    CROSS JOIN questions
    QUALIFY count(*) OVER (PARTITION BY run_id, person_id, question) >= 2
)

SELECT
    concat_ws('/', 'tool_repetition', r.video_id, r.person_id, question) AS row_key,
    r.video_id,
    r.person_id,
    r.first_time_s,
    r.last_time_s,
    r.video_id AS this_video,
    r.person_id::VARCHAR AS this_person,
    format(
        'SELECT repetition, exercise, round({}, 2) AS {}, round(turn_time_s, 2) AS turn_s FROM repetitions '
            || 'WHERE video_id = ''{}'' AND person_id = {} ORDER BY {}, repetition LIMIT 1',
        shown, shown, r.video_id, r.person_id, ordered_by
    ) AS tool_sql,
    CASE shown
        WHEN 'depth' THEN to_json([{'repetition': repetition, 'exercise': exercise, 'depth': round(depth, 2), 'turn_s': round(turn_time_s, 2)}])
        ELSE to_json([{'repetition': repetition, 'exercise': exercise, 'duration_s': round(duration_s, 2), 'turn_s': round(turn_time_s, 2)}])
    END::VARCHAR AS tool_answer,
    fact(repetition, NULL, NULL, '1', 'none', 'number of the repetition', NULL, 'repetitions', r.result_key, 'repetition') AS which,
    CASE shown
        WHEN 'depth' THEN fact(depth, NULL, NULL, unit, 'none', 'depth of the repetition', NULL, 'repetitions', r.result_key, 'depth')
        ELSE fact(duration_s, NULL, NULL, 's', 'none', 'duration of the repetition', NULL, 'repetitions', r.result_key, 'duration_s')
    END AS size,
    fact(turn_time_s, NULL, NULL, 's', 'none', 'turn of the repetition', NULL, 'repetitions', r.result_key, 'turn_time_s') AS turn,
    ask,
    CASE WHEN exercise = 'unnamed' THEN 'repetition' ELSE exercise END AS thing,
    CASE shown WHEN 'depth' THEN 'depth' ELSE 'duration' END AS words,
    CASE question WHEN 'deepest' THEN 'least deep' WHEN 'shallowest' THEN 'deepest' WHEN 'quickest' THEN 'slowest' ELSE 'quickest' END AS opposite
FROM ranked AS r
WHERE place = 1
ORDER BY r.video_id, row_key
