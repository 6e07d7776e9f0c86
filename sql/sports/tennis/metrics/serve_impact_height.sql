-- metric: serve_impact_height
-- what:   the height of the wrist of the hitting hand above the floor at impact
-- grain:  video_id, person_id, side
-- unit:   meters
-- needs:  events, kinematics, landmark_noise, scales, videos
-- source: from the lower foot at the trophy to the wrist at the impact, along the picture's vertical: correct only if
--         the distance between person and camera does not change. The mean of all attempts; 95 % interval from the
--         spread between attempts, the jitter of foot and wrist, the rise of the wrist within half a frame, and the
--         scale

SELECT
    video_id,
    run_id,
    person_id,
    'serve_impact_height' AS metric,
    side,
    value,
    low,
    high,
    'm' AS unit,
    n,
    scale
FROM wrist_height('impact', 'trophy')
