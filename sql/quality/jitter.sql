-- check:  jitter
-- what:   the jitter of landmarks is large compared with the standing height: angles and velocities of the person are
--         noise
-- grain:  one row per violation
-- needs:  landmark_noise, scales

SELECT
    noise.video_id,
    noise.run_id,
    noise.person_id,
    CASE WHEN median(noise.clean_jitter_px / scales.height_px) > 0.02 THEN 'error' ELSE 'warning' END AS severity,
    100 * median(noise.clean_jitter_px / scales.height_px) AS value,
    format(
        'landmarks still jitter by {:.1f} % of the standing height after filtering',
        100 * median(noise.clean_jitter_px / scales.height_px)
    ) AS problem
FROM landmark_noise AS noise
JOIN scales ON scales.run_id = noise.run_id AND scales.person_id = noise.person_id
WHERE noise.landmark_id BETWEEN 11 AND 32
GROUP BY noise.video_id, noise.run_id, noise.person_id
HAVING median(noise.clean_jitter_px / scales.height_px) > 0.01
