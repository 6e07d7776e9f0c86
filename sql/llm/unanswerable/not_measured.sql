-- examples: not_measured
-- what:     quantities that video cannot measure: forces, muscles, pain, heart rate, the ball, a person's identity
-- grain:    video_id, person_id, question
-- needs:    athletes, metrics
-- run:      by `posekit export-llm`, on the catalog

WITH questions (question, thing, ask, wish, why, instead) AS (
    VALUES
        ('ground_force', 'ground reaction force', 'How hard does {A} push against the floor?',
            'I need the peak ground reaction force of {A}.',
            'a camera sees positions, not forces; that takes a force plate', 'center_of_mass_peak_speed'),
        ('joint_load', 'load on the knee', 'How much load is on {A}''s knee?', 'Give me the knee moment of {A}.',
            'moments need forces and masses, and neither is in the pose', 'knee_peak_flexion_3d'),
        ('muscle_activity', 'muscle activity', 'Which muscle of {A} works hardest?', 'Show me the activation of {A}''s quadriceps.',
            'muscle activity is measured with electrodes on the skin, not with a camera', 'knee_peak_velocity_2d'),
        ('pain', 'pain', 'Is {A} in pain?', 'Tell me where it hurts {A}.',
            'pain is felt and cannot be seen in landmarks; only {A} can say', 'coverage'),
        ('injury_risk', 'risk of injury', 'Will {A} get injured moving like this?', 'How likely is an injury of {A}?',
            'the tables hold how {A} moved in a short clip, and no risk follows from that; ask somebody who is qualified to examine people', 'trunk_lean_peak'),
        ('heart_rate', 'heart rate', 'What is {A}''s heart rate?', 'Add the pulse of {A} to my log.',
            'pose landmarks do not hold a pulse; that takes a chest strap or a watch', 'center_of_mass_mean_speed'),
        ('energy', 'energy used', 'How many calories does {A} burn here?', 'What is the energy cost of {A}''s movement?',
            'energy depends on body mass and metabolism, and neither is measured', 'center_of_mass_mean_speed'),
        ('body_mass', 'body mass', 'How heavy is {A}?', 'Put {A}''s weight in the report.',
            'a picture shows outlines and not mass', 'center_of_mass_vertical_range'),
        ('age', 'age', 'How old is {A}?', 'Note the age of {A}, please.', 'landmarks do not tell an age', 'coverage'),
        ('identity', 'identity', 'Who is {A} really?', 'Find out the full name of the person called {A} here.',
            'the tables know people by a number and by the name that the user gave, and nobody should be recognized by their body', 'coverage'),
        ('ball_speed', 'speed of the ball', 'How fast is the ball that {A} plays?', 'Give me the ball speed of {A}.',
            'balls, clubs and rackets are not seen, only the body is', 'wrist_peak_velocity_2d'),
        ('fatigue', 'fatigue', 'How tired is {A}?', 'Rate {A}''s exhaustion.',
            'how tired somebody is cannot be measured from pose; only whether the movement changes', 'repetition_depth_variation'),
        ('intent', 'intention', 'What was {A} thinking at that moment?', 'Explain why {A} moved this way.',
            'the data hold what the body did, not why', 'trunk_lean_mean'),
        ('lifted_weight', 'weight lifted', 'How many kilograms does {A} lift?', 'Log the load that {A} moves.',
            'only the body''s landmarks are found; what somebody holds is not', 'repetition_count')
),

best AS (
    SELECT
        run_id,
        person_id,
        metric,
        arg_max(
            {'side': side, 'value': value, 'low': low, 'high': high, 'unit': unit, 'result_key': result_key, 'metric': metric},
            {'n': n, 'side': side}
        ) AS m
    FROM metrics
    WHERE value IS NOT NULL AND metric IN (SELECT instead FROM questions)
    GROUP BY run_id, person_id, metric
)

SELECT
    concat_ws('/', 'not_measured', athletes.video_id, athletes.person_id, question) AS row_key,
    athletes.video_id,
    athletes.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    fact(NULL, NULL, NULL, '1', 'none', thing, NULL, 'metrics', concat_ws('/', 'metrics', athletes.video_id, athletes.person_id, question, 'none'), 'value') AS missing,
    CASE WHEN best.m IS NOT NULL AND instead <> 'coverage'
        THEN metric_fact(m.metric, m.side, m.value, m.low, m.high, m.unit, m.result_key) END AS instead,
    CASE WHEN best.m IS NOT NULL AND instead <> 'coverage' THEN metric_phrase(m.metric, m.side) END AS instead_phrase,
    thing,
    ask,
    wish,
    why
FROM athletes
CROSS JOIN questions
LEFT JOIN best ON best.run_id = athletes.run_id AND best.person_id = athletes.person_id AND best.metric = questions.instead
-- Keeps a third of the questions for each person. The hash of the key decides which, so that the choice never changes.
WHERE md5_number_lower(concat_ws('/', athletes.video_id, athletes.person_id, question)) % 3 = 0
ORDER BY athletes.video_id, row_key
