-- metric: landing_knee_separation
-- what:   the distance between the knees when the feet touch the floor after jumps, as a percentage of the distance
--         between the ankles
-- grain:  video_id, person_id
-- unit:   percent
-- needs:  events, clean_landmarks, landmark_noise, facings
-- source: distances along the horizontal of the picture, front and back views only; the mean. Less than 100 means that
--         the knees are closer together than the feet. It indicates knee valgus as seen in the picture and is not a
--         joint angle: feet that are turned out, a narrow stance and a camera that is not straight ahead change it. 95
--         % interval from the spread and the jitter of knees and ankles

SELECT
    video_id,
    run_id,
    person_id,
    'landing_knee_separation' AS metric,
    'both' AS side,
    value,
    low,
    high,
    '%' AS unit,
    n
FROM knee_separation('landing')
