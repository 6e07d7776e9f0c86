-- macro:      metric_advice
-- what:       possible causes of a value outside the usual range, and what to check; never a diagnosis
-- parameters: metric: its name; way: above or below the usual range
-- unit:       a sentence
-- source:     headers of sql/metrics and sql/sports, words of the sport packs

CREATE OR REPLACE TEMP MACRO metric_advice(metric, way) AS CASE
    WHEN metric = 'gait_speed' AND way = 'below'
        THEN 'Check whether the walk is at a normal pace and square to the camera: a walk toward the camera or on a treadmill reads too slow. Speed also depends on age.'
    WHEN metric = 'gait_speed'
        THEN 'Check whether the person was asked to hurry, and whether the scale is right: without a height given, meters come from a body of average size.'
    WHEN metric = 'cadence' AND way = 'below'
        THEN 'Fewer steps at the same speed mean longer ones. Check the speed of the run and the length of the legs before changing anything; cadence depends on both.'
    WHEN metric = 'cadence'
        THEN 'More steps than usual go with short steps or a high speed. Check the speed of the run and whether the clip is in real time.'
    WHEN metric = 'landing_knee_flexion_peak' AND way = 'below'
        THEN 'That is a stiff landing: the knees give little. Check that the clip goes on until the body is at its lowest, and practice softer landings if that is the aim.'
    WHEN metric = 'landing_knee_flexion_peak'
        THEN 'That is a deep landing. Check whether the person sat down or went on into a squat after the jump.'
    WHEN metric = 'golf_backswing_time' AND way = 'above'
        THEN 'The club goes back slowly. Check that the clip is in real time and that the address was not taken for the take-away.'
    WHEN metric = 'golf_backswing_time'
        THEN 'The club goes back quickly. Check that the address is in the clip, and look at the ratio to the downswing before slowing anything down.'
    WHEN metric = 'golf_downswing_time' AND way = 'above'
        THEN 'The club comes down slowly. Check that the clip is in real time; slow motion makes every time too long.'
    WHEN metric = 'golf_downswing_time'
        THEN 'The club comes down quickly. Check the frame rate: at a low rate a downswing has few frames.'
    ELSE 'Check first whether the view and the scale fit the metric, and compare with earlier clips of the same person.'
END;
