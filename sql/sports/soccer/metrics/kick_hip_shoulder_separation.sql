-- metric: kick_hip_shoulder_separation
-- what:   the rotation of the shoulders relative to the hips about the vertical when the kicking leg is cocked
-- grain:  video_id, person_id
-- unit:   degrees
-- needs:  events, clean_landmarks, landmark_noise
-- source: angle between the line through both shoulders and the line through both hips in world landmarks, seen from
--         above (the arched posture at the start of a kick). Mean of all kicks. 95 % interval from the spread between
--         kicks, the jitter of the world landmarks, and a depth uncertainty of 10 degrees that does not average out;
--         these 10 degrees are assumed, not measured

SELECT
    video_id,
    run_id,
    person_id,
    'kick_hip_shoulder_separation' AS metric,
    'none' AS side,
    value,
    low,
    high,
    'deg' AS unit,
    n,
    note
FROM hip_shoulder_separation('leg_cocking')
