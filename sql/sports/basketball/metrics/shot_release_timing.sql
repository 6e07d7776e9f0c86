-- metric: shot_release_timing
-- what:   the time from the release to the highest position of the body (negative: release on the way down)
-- grain:  video_id, person_id
-- unit:   seconds
-- needs:  events, kinematics, scales, videos
-- source: highest position of the center of mass within 0.4 seconds of the release, if the center of mass rises by at
--         least a twentieth of the standing height in the half second before. A set shot has no such position and
--         therefore no row. Mean of all shots; 95 % interval from the spread between shots and half a frame at each
--         end

WITH jumps AS (
    SELECT
        events.video_id,
        events.run_id,
        events.person_id,
        events.time_s,
        arg_min(body.time_s, body.y_px) FILTER (abs(body.time_s - events.time_s) <= 0.4) - events.time_s AS before_s,
        max(body.y_px) FILTER (body.time_s <= events.time_s) - min(body.y_px) AS rise_px,
        any_value(scales.height_px) AS height_px,
        1 / any_value(videos.fps) / sqrt(6) AS noise_s
    FROM events
    JOIN videos ON videos.video_id = events.video_id
    JOIN scales ON scales.run_id = events.run_id AND scales.person_id = events.person_id
    JOIN kinematics AS body
        ON body.run_id = events.run_id AND body.person_id = events.person_id AND body.point = 'center_of_mass'
        AND body.time_s BETWEEN events.time_s - 0.5 AND events.time_s + 0.4
    WHERE events.kind = 'release'
    GROUP BY events.video_id, events.run_id, events.person_id, events.time_s
)

SELECT
    video_id,
    run_id,
    person_id,
    'shot_release_before_peak' AS metric,
    'none' AS side,
    unnest(mean_interval(before_s, noise_s)),
    's' AS unit,
    count(*) AS n
FROM jumps
WHERE rise_px >= 0.05 * height_px
GROUP BY video_id, run_id, person_id
