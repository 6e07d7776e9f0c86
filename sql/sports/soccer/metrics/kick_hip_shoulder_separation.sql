-- metric: kick_hip_shoulder_separation
-- what:   the rotation of the shoulders relative to the hips about the vertical when the kicking leg is cocked
-- grain:  video_id, person_id
-- unit:   degrees
-- needs:  events, clean_landmarks, landmark_noise
-- source: angle between the line through both shoulders and the line through both hips in world landmarks, seen from
--         above (the arched posture at the start of a kick). Mean of all kicks. 95 % interval from the spread between
--         kicks, the jitter of the world landmarks, and a depth uncertainty of 10 degrees that does not average out;
--         these 10 degrees are assumed, not measured

WITH points AS (
    SELECT events.video_id, events.run_id, events.person_id, events.frame_idx, clean_landmarks.landmark, world_x_m, world_z_m, clean_jitter_m
    FROM events
    JOIN clean_landmarks
        ON clean_landmarks.run_id = events.run_id AND clean_landmarks.person_id = events.person_id
        AND clean_landmarks.frame_idx = events.frame_idx
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = events.run_id AND noise.person_id = events.person_id AND noise.landmark = clean_landmarks.landmark
    WHERE events.kind = 'leg_cocking'
        AND clean_landmarks.landmark IN ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')
        AND visibility >= 0.3
),

lines AS (
    SELECT
        ls.video_id,
        ls.run_id,
        ls.person_id,
        abs(signed_angle_deg(
            lh.world_x_m - rh.world_x_m, lh.world_z_m - rh.world_z_m,
            ls.world_x_m - rs.world_x_m, ls.world_z_m - rs.world_z_m
        )) AS turn_deg,
        degrees(sqrt(
            2 * pow(coalesce(ls.clean_jitter_m, 0) / distance(ls.world_x_m, ls.world_z_m, rs.world_x_m, rs.world_z_m), 2)
            + 2 * pow(coalesce(lh.clean_jitter_m, 0) / distance(lh.world_x_m, lh.world_z_m, rh.world_x_m, rh.world_z_m), 2)
        )) AS noise_deg
    FROM points AS ls
    JOIN points AS rs USING (run_id, person_id, frame_idx)
    JOIN points AS lh USING (run_id, person_id, frame_idx)
    JOIN points AS rh USING (run_id, person_id, frame_idx)
    WHERE ls.landmark = 'left_shoulder' AND rs.landmark = 'right_shoulder'
        AND lh.landmark = 'left_hip' AND rh.landmark = 'right_hip'
        AND distance(ls.world_x_m, ls.world_z_m, rs.world_x_m, rs.world_z_m) > 0.05
        AND distance(lh.world_x_m, lh.world_z_m, rh.world_x_m, rh.world_z_m) > 0.05
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(turn_deg) AS value,
        sqrt(pow(half_width(stddev_samp(turn_deg), avg(noise_deg), count(*)), 2) + pow(10, 2)) AS half_width,
        count(*) AS n
    FROM lines
    WHERE turn_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    'kick_hip_shoulder_separation' AS metric,
    'none' AS side,
    value,
    greatest(value - half_width, 0) AS low,
    value + half_width AS high,
    'deg' AS unit,
    n,
    'in space, from one camera' AS note
FROM summary
