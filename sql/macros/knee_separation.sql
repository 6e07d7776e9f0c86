-- macro:      knee_separation
-- what:       the distance between the knees at an event, as a percentage of the distance between the ankles, the mean
--             of all attempts: a table with one row for each person, with video_id, run_id, person_id, value, low,
--             high and n
-- parameters: at_event: the kind of the event; events, clean_landmarks, landmark_noise, facings: the names of the
--             relations of that name
-- unit:       percent
-- source:     distances along the horizontal of the picture, front and back views only. Less than 100 means that the
--             knees are closer together than the feet. 95 % interval from the spread and the jitter of knees and
--             ankles

CREATE OR REPLACE MACRO knee_separation(
    at_event,
    events := 'events',
    clean_landmarks := 'clean_landmarks',
    landmark_noise := 'landmark_noise',
    facings := 'facings'
) AS TABLE
WITH distances AS (
    SELECT
        moment.video_id,
        moment.run_id,
        moment.person_id,
        CASE view.facing WHEN 'front' THEN 1 ELSE -1 END * (lk.x_px - rk.x_px) AS knees_px,
        CASE view.facing WHEN 'front' THEN 1 ELSE -1 END * (la.x_px - ra.x_px) AS ankles_px,
        sqrt(2) * noise.clean_jitter_px AS noise_px
    FROM query_table(events) AS moment
    JOIN query_table(facings) AS view
        ON view.run_id = moment.run_id AND view.person_id = moment.person_id
        AND moment.frame_idx BETWEEN view.first_frame_idx AND view.last_frame_idx
    JOIN query_table(clean_landmarks) AS lk
        ON lk.run_id = moment.run_id AND lk.person_id = moment.person_id AND lk.frame_idx = moment.frame_idx
        AND lk.landmark = 'left_knee'
    JOIN query_table(clean_landmarks) AS rk
        ON rk.run_id = moment.run_id AND rk.person_id = moment.person_id AND rk.frame_idx = moment.frame_idx
        AND rk.landmark = 'right_knee'
    JOIN query_table(clean_landmarks) AS la
        ON la.run_id = moment.run_id AND la.person_id = moment.person_id AND la.frame_idx = moment.frame_idx
        AND la.landmark = 'left_ankle'
    JOIN query_table(clean_landmarks) AS ra
        ON ra.run_id = moment.run_id AND ra.person_id = moment.person_id AND ra.frame_idx = moment.frame_idx
        AND ra.landmark = 'right_ankle'
    LEFT JOIN query_table(landmark_noise) AS noise
        ON noise.run_id = moment.run_id AND noise.person_id = moment.person_id AND noise.landmark = 'left_knee'
    WHERE moment.kind = at_event
        AND view.facing IN ('front', 'back')
        AND least(lk.visibility, rk.visibility, la.visibility, ra.visibility) >= 0.5
),

-- Leaves out moments with the feet together: the distance between their ankles is small compared with its noise.
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
    unnest(mean_interval(share, noise)),
    count(*) AS n
FROM shares
GROUP BY video_id, run_id, person_id;
