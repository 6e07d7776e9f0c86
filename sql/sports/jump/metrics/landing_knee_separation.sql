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

WITH distances AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        CASE facings.facing WHEN 'front' THEN 1 ELSE -1 END * (lk.x_px - rk.x_px) AS knees_px,
        CASE facings.facing WHEN 'front' THEN 1 ELSE -1 END * (la.x_px - ra.x_px) AS ankles_px,
        sqrt(2) * noise.clean_jitter_px AS noise_px
    FROM events
    JOIN facings
        ON facings.run_id = events.run_id AND facings.person_id = events.person_id
        AND events.frame_idx BETWEEN facings.first_frame_idx AND facings.last_frame_idx
    JOIN clean_landmarks AS lk
        ON lk.run_id = events.run_id AND lk.person_id = events.person_id AND lk.frame_idx = events.frame_idx
        AND lk.landmark = 'left_knee'
    JOIN clean_landmarks AS rk
        ON rk.run_id = events.run_id AND rk.person_id = events.person_id AND rk.frame_idx = events.frame_idx
        AND rk.landmark = 'right_knee'
    JOIN clean_landmarks AS la
        ON la.run_id = events.run_id AND la.person_id = events.person_id AND la.frame_idx = events.frame_idx
        AND la.landmark = 'left_ankle'
    JOIN clean_landmarks AS ra
        ON ra.run_id = events.run_id AND ra.person_id = events.person_id AND ra.frame_idx = events.frame_idx
        AND ra.landmark = 'right_ankle'
    LEFT JOIN landmark_noise AS noise
        ON noise.run_id = events.run_id AND noise.person_id = events.person_id AND noise.landmark = 'left_knee'
    WHERE events.kind = 'landing'
        AND facings.facing IN ('front', 'back')
        AND least(lk.visibility, rk.visibility, la.visibility, ra.visibility) >= 0.5
),

-- Leaves out landings with the feet together: the distance between their ankles is small compared with its noise.
shares AS (
    SELECT
        video_id,
        run_id,
        person_id,
        100 * knees_px / ankles_px AS share,
        100 * noise_px / ankles_px * sqrt(1 + pow(knees_px / ankles_px, 2)) AS noise
    FROM distances
    WHERE ankles_px > 10 * coalesce(noise_px, 0) AND ankles_px > 0
)

SELECT
    video_id,
    run_id,
    person_id,
    'landing_knee_separation' AS metric,
    'both' AS side,
    avg(share) AS value,
    avg(share) - half_width(stddev_samp(share), avg(noise), count(*)) AS low,
    avg(share) + half_width(stddev_samp(share), avg(noise), count(*)) AS high,
    '%' AS unit,
    count(*) AS n
FROM shares
GROUP BY ALL
