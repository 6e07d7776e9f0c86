-- examples: empty
-- what:     a query that returns no rows, and an honest answer
-- grain:    video_id, person_id, metric
-- needs:    athletes, metrics
-- run:      by `posekit export-llm`, on the catalog

WITH questions (metric, ask, why) AS (
    VALUES
        ('jump_height_flight', 'How high does {A} jump?', 'no jump with a take-off and a landing was found'),
        ('cadence', 'What is {A}''s cadence?', 'no strides were found'),
        ('gait_speed', 'How fast does {A} walk?', 'no strides were found'),
        ('squat_count', 'How many squats does {A} do?', 'no squats were found, or the clip was analyzed for another sport'),
        ('repetition_count', 'How many repetitions does {A} do?', 'nothing that repeats clearly was found'),
        ('shot_release_height', 'How high is the release of {A}''s shot?', 'no shot was found, or the clip was analyzed for another sport'),
        ('golf_tempo_ratio', 'What is the tempo ratio of {A}''s swing?', 'no golf swing was found, or the clip was analyzed for another sport'),
        ('heart_rate', 'What is {A}''s heart rate?', 'a camera does not measure it'),
        ('ground_reaction_force', 'How large is {A}''s ground reaction force?', 'forces are not measured by a camera'),
        ('ball_speed', 'How fast is the ball of {A}?', 'balls are not seen')
)

SELECT
    concat_ws('/', 'tool_empty', athletes.video_id, athletes.person_id, questions.metric) AS row_key,
    athletes.video_id,
    athletes.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    athletes.video_id AS this_video,
    athletes.person_id::VARCHAR AS this_person,
    format(
        'SELECT side, round(value, 3) AS value, unit FROM metrics WHERE video_id = ''{}'' AND person_id = {} AND metric = ''{}'' ORDER BY side',
        athletes.video_id, athletes.person_id, questions.metric
    ) AS tool_sql,
    '[]' AS tool_answer,
    fact(
        NULL, NULL, NULL, '1', 'none', metric_words(questions.metric), NULL, '',
        'sql:' || format('SELECT value FROM metrics WHERE video_id = ''{}'' AND person_id = {} AND metric = ''{}''', athletes.video_id, athletes.person_id, questions.metric),
        ''
    ) AS missing,
    metric_words(questions.metric) AS words,
    ask,
    why
FROM athletes
CROSS JOIN questions
ANTI JOIN metrics ON metrics.run_id = athletes.run_id AND metrics.person_id = athletes.person_id AND metrics.metric = questions.metric
WHERE md5_number_lower(concat_ws('/', 'empty', athletes.video_id, athletes.person_id, questions.metric)) % 3 = 0
ORDER BY athletes.video_id, row_key
