-- examples: not_found
-- what:     metrics of movements that a person does not perform in the video: the jump height of a person who only
--           walks
-- grain:    video_id, person_id, metric
-- needs:    athletes, metrics, event_counts
-- run:      by `posekit export-llm`, on the catalog

WITH questions (metric, ask, what) AS (
    VALUES
        ('jump_height_flight', 'How high does {A} jump?', 'no take-off with a landing'),
        ('cadence', 'What is {A}''s cadence?', 'no strides'),
        ('gait_speed', 'How fast does {A} walk?', 'no strides'),
        ('squat_count', 'How many squats does {A} do?', 'no bottom of a squat'),
        ('repetition_count', 'How many repetitions does {A} do?', 'nothing that repeats clearly'),
        ('reactive_strength_index', 'What is {A}''s reactive strength index?', 'no jump right after a landing'),
        ('shot_release_height', 'At what height does {A} release the ball?', 'no shot'),
        ('kick_foot_speed', 'How fast is {A}''s kicking foot?', 'no kick'),
        ('golf_tempo_ratio', 'What is the tempo ratio of {A}''s swing?', 'no golf swing'),
        ('serve_hand_speed', 'How fast is {A}''s hand in the serve?', 'no serve')
),

others AS (
    SELECT run_id, person_id, string_agg(DISTINCT event_words(kind), ', ' ORDER BY event_words(kind)) AS found
    FROM event_counts
    GROUP BY run_id, person_id
)

SELECT
    concat_ws('/', 'not_found', athletes.video_id, athletes.person_id, questions.metric) AS row_key,
    athletes.video_id,
    athletes.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    fact(
        NULL, NULL, NULL, '1', 'none', metric_words(questions.metric), NULL, '',
        'sql:SELECT value FROM metrics WHERE video_id = ''' || athletes.video_id || ''' AND person_id = ' || athletes.person_id || ' AND metric = '''
            || questions.metric || '''',
        ''
    ) AS missing,
    metric_words(questions.metric) AS words,
    ask,
    what,
    others.found
FROM athletes
CROSS JOIN questions
ANTI JOIN metrics ON metrics.run_id = athletes.run_id AND metrics.person_id = athletes.person_id AND metrics.metric = questions.metric
LEFT JOIN others ON others.run_id = athletes.run_id AND others.person_id = athletes.person_id
WHERE md5_number_lower(concat_ws('/', athletes.video_id, athletes.person_id, questions.metric)) % 2 = 0
ORDER BY athletes.video_id, row_key
