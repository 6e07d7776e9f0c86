-- events: serve
-- what:   trophy (the tossing arm at its highest, before the racket is swung) and impact (the hitting hand at its
--         highest) of each serve; side is the side of the hitting hand
-- grain:  video_id, person_id, kind, frame_idx
-- unit:   seconds; confidence 0..1
-- needs:  kinematics, scales
-- source: a serve is a peak of the speed of a wrist of at least 2 standing heights per second, the highest peak of
--         both wrists within 1.5 seconds before and after. Impact: the highest position of this wrist within 0.3
--         seconds before and after, at least a tenth of the height above the head, while the other wrist is below the
--         head. Trophy: the highest position of the other wrist between 1.2 and 0.1 seconds before impact, above the
--         neck. The body is upright at both moments. Racket and ball are not tracked; stages as in Kovacs and
--         Ellenbecker 2011 (Sports Health 3(6):504-513). Confidence is the visibility of the wrist

WITH wrists AS (
    SELECT
        wrist.video_id,
        wrist.run_id,
        wrist.person_id,
        wrist.frame_idx,
        wrist.time_s,
        split_part(wrist.point, '_', 1) AS side,
        wrist.quality,
        wrist.y_px / height_px AS y,
        wrist.speed_px_s / height_px AS speed,
        head.y_px / height_px AS head_y,
        neck.y_px / height_px AS neck_y,
        hip.y_px - neck.y_px > 0.15 * height_px AS is_upright
    FROM kinematics AS wrist
    JOIN kinematics AS head
        ON head.run_id = wrist.run_id AND head.person_id = wrist.person_id AND head.frame_idx = wrist.frame_idx AND head.point = 'head'
    JOIN kinematics AS neck
        ON neck.run_id = wrist.run_id AND neck.person_id = wrist.person_id AND neck.frame_idx = wrist.frame_idx AND neck.point = 'neck'
    JOIN kinematics AS hip
        ON hip.run_id = wrist.run_id AND hip.person_id = wrist.person_id AND hip.frame_idx = wrist.frame_idx AND hip.point = 'mid_hip'
    JOIN scales ON scales.run_id = wrist.run_id AND scales.person_id = wrist.person_id
    WHERE wrist.point IN ('left_wrist', 'right_wrist') AND wrist.quality >= 0.5
),

peaks AS (
    SELECT video_id, run_id, person_id, side, time_s AS fast_s
    FROM wrists
    QUALIFY speed >= 2
        AND speed = max(speed) OVER (
            PARTITION BY run_id, person_id ORDER BY time_s RANGE BETWEEN 1.5 PRECEDING AND 1.5 FOLLOWING
        )
),

hits AS (
    SELECT
        peaks.*,
        arg_min(
            {'frame_idx': frame_idx, 'time_s': time_s, 'y': y, 'head_y': head_y, 'is_upright': is_upright, 'quality': quality}, y
        ) AS impact
    FROM peaks
    JOIN wrists USING (video_id, run_id, person_id, side)
    WHERE time_s BETWEEN fast_s - 0.3 AND fast_s + 0.3
    GROUP BY ALL
),

others AS (
    SELECT
        hits.*,
        arg_min(
            {'frame_idx': other.frame_idx, 'time_s': other.time_s, 'is_high': other.y < other.neck_y,
                'is_upright': other.is_upright, 'quality': other.quality},
            other.y
        ) FILTER (other.time_s BETWEEN impact.time_s - 1.2 AND impact.time_s - 0.1) AS trophy,
        bool_and(other.y > other.head_y) FILTER (other.frame_idx = impact.frame_idx) AS is_low_at_impact
    FROM hits
    JOIN wrists AS other
        ON other.run_id = hits.run_id AND other.person_id = hits.person_id AND other.side <> hits.side
        AND other.time_s BETWEEN impact.time_s - 1.2 AND impact.time_s
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    side,
    unnest([
        {'kind': 'trophy', 'frame_idx': trophy.frame_idx, 'time_s': trophy.time_s, 'confidence': trophy.quality},
        {'kind': 'impact', 'frame_idx': impact.frame_idx, 'time_s': impact.time_s, 'confidence': impact.quality}
    ], recursive := true),
    'sport_pack' AS method
FROM others
WHERE impact.y < impact.head_y - 0.1
    AND impact.is_upright
    -- A wrist that is hidden by the body counts as below the head.
    AND coalesce(is_low_at_impact, true)
    AND trophy.is_high
    AND trophy.is_upright
