-- check:  never_upright
-- what:   the person is never upright, so the height in the picture is estimated from the bent body and its depth, and
--         meters are less sure
-- grain:  one row per violation
-- needs:  joint_angles, scales

SELECT
    posture.video_id,
    posture.run_id,
    posture.person_id,
    'warning' AS severity,
    100 * (scales.meters_per_px_high / scales.meters_per_px - 1) AS value,
    format(
        'never upright: the scale comes from a bent body, so meters are uncertain by {:.0f} %',
        100 * (scales.meters_per_px_high / scales.meters_per_px - 1)
    ) AS problem
FROM posture() AS posture
JOIN scales ON scales.run_id = posture.run_id AND scales.person_id = posture.person_id
WHERE NOT posture.is_upright AND scales.meters_per_px IS NOT NULL
