-- metric: golf_x_factor
-- what:   the rotation of the shoulders relative to the hips about the vertical at the top of the backswing
-- grain:  video_id, person_id
-- unit:   degrees
-- needs:  events, clean_landmarks, landmark_noise
-- source: angle between the line through both shoulders and the line through both hips in world landmarks, seen from
--         above (the X-factor of McLean 1992, here from one camera). Mean of all swings. 95 % interval from the spread
--         between swings, the jitter of the world landmarks, and a depth uncertainty of 10 degrees that does not
--         average out; these 10 degrees are assumed, not measured

SELECT
    video_id,
    run_id,
    person_id,
    'golf_x_factor' AS metric,
    'none' AS side,
    value,
    low,
    high,
    'deg' AS unit,
    n,
    note
FROM hip_shoulder_separation('top_of_backswing')
