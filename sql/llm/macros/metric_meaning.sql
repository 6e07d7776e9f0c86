-- macro:      metric_meaning
-- what:       the meaning of a value for the movement; given only if the metric has a threshold and the interval lies
--             on one side of it
-- parameters: metric; side; value; low, high: its 95 % interval
-- unit:       a sentence, or NULL
-- source:     words of the sport packs and headers of their metrics

CREATE OR REPLACE TEMP MACRO metric_meaning(metric, side, value, low, high) AS CASE
    WHEN metric = 'squat_thigh_angle' AND low >= 0 THEN 'The thighs reach the horizontal or go below it.'
    WHEN metric = 'squat_thigh_angle' AND high < 0 THEN 'The thighs stay above the horizontal.'
    WHEN metric = 'squat_thigh_angle' THEN 'Whether the thighs reach the horizontal cannot be told within the uncertainty.'
    WHEN metric = 'squat_knee_difference' AND low > 0 THEN 'At the bottom the right knee is bent more than the left.'
    WHEN metric = 'squat_knee_difference' AND high < 0 THEN 'At the bottom the left knee is bent more than the right.'
    WHEN metric = 'squat_knee_difference' THEN 'Both knees are bent alike at the bottom, within the uncertainty.'
    WHEN metric = 'step_length_symmetry' AND low > 100 THEN 'The steps of the right foot are longer than those of the left.'
    WHEN metric = 'step_length_symmetry' AND high < 100 THEN 'The steps of the right foot are shorter than those of the left.'
    WHEN metric = 'step_length_symmetry' THEN 'Left and right steps are equally long, within the uncertainty.'
    WHEN metric LIKE '%knee_separation' AND high < 100 THEN 'In the picture the knees come nearer to each other than the ankles; that is what a picture shows and no diagnosis.'
    WHEN metric LIKE '%knee_separation' AND low > 100 THEN 'In the picture the knees are farther apart than the ankles.'
    WHEN metric = 'jump_height_difference' AND low > 0
        THEN 'By flight time the jump reads higher than by the rise of the body: the legs were bent in flight or the ground was not level, so the height by flight time is too high.'
    WHEN metric = 'jump_height_difference' AND high >= 0 THEN 'Both ways of measuring the jump agree within the uncertainty.'
    WHEN metric = 'foot_strike_angle' AND low > 8 THEN 'The ' || side || ' foot comes down heel first, a rearfoot strike.'
    WHEN metric = 'foot_strike_angle' AND high < -1.6 THEN 'The ' || side || ' foot comes down toes first, a forefoot strike.'
    WHEN metric = 'duty_factor' AND high < 50 THEN 'The ' || side || ' foot is in the air for longer than on the floor: this is running.'
    WHEN metric = 'duty_factor' AND low > 50 THEN 'The ' || side || ' foot is on the floor for longer than in the air: this is walking.'
    -- Other metrics of trunk lean are not limited to side views, so their sign does not always mean forward or back.
    WHEN metric = 'running_trunk_lean' AND low > 0 THEN 'The trunk leans forward.'
    WHEN metric = 'running_trunk_lean' AND high < 0 THEN 'The trunk leans back.'
    WHEN metric = 'shot_release_before_peak' AND low > 0 THEN 'The ball leaves on the way up.'
    WHEN metric = 'shot_release_before_peak' AND high < 0 THEN 'The ball leaves on the way down.'
    WHEN metric LIKE 'repetition%variation' AND high < 10 THEN 'The repetitions are alike in ' || split_part(metric, '_', 2) || '.'
    WHEN metric LIKE 'repetition%variation' AND low > 20 THEN 'The repetitions differ much in ' || split_part(metric, '_', 2) || '.'
END;
