-- metric: gait_times
-- what:   durations of the parts of a stride: stride_time, stance_time, swing_time, single_support_time,
--         double_support_time (walking), flight_time (running: neither foot on the floor, per step)
-- grain:  video_id, person_id, metric, side
-- unit:   seconds
-- needs:  events, videos
-- source: stance from contact to toe-off of the same foot, swing from toe-off to the next contact; single support
--         while the other foot is off the floor; double support: the two times when both feet are on the floor
--         (OpenCap gait scalars). 95 % interval from the spread between strides, half a frame at each end, and the
--         errors of contacts and toe-offs (event_error_s), which do not average out; they cancel in stride_time and count
--         twice in double_support_time

WITH spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        side,
        unnest([
            {'metric': 'stride_time', 'spans': 0, 'seconds': end_time_s - start_time_s},
            {'metric': 'stance_time', 'spans': 1, 'seconds': toe_off_time_s - start_time_s},
            {'metric': 'swing_time', 'spans': 1, 'seconds': end_time_s - toe_off_time_s},
            {'metric': 'single_support_time', 'spans': 1, 'seconds': CASE
                WHEN other_toe_off_time_s < other_contact_time_s AND other_contact_time_s <= toe_off_time_s
                    THEN other_contact_time_s - other_toe_off_time_s
            END},
            {'metric': 'double_support_time', 'spans': 2, 'seconds': CASE
                WHEN other_toe_off_time_s < other_contact_time_s AND other_contact_time_s <= toe_off_time_s
                    THEN (other_toe_off_time_s - start_time_s) + (toe_off_time_s - other_contact_time_s)
            END},
            {'metric': 'flight_time', 'spans': 1, 'seconds': CASE
                WHEN toe_off_time_s < other_contact_time_s THEN other_contact_time_s - toe_off_time_s
            END}
        ], recursive := true)
    FROM strides
)

SELECT
    spans.video_id,
    spans.run_id,
    spans.person_id,
    metric,
    side,
    unnest(mean_interval(seconds, 1 / videos.fps / sqrt(6), lowest := 0, bias := spans * span_error_s('contact', 'toe_off'))),
    's' AS unit,
    count(*) AS n
FROM spans
JOIN videos ON videos.video_id = spans.video_id
WHERE seconds IS NOT NULL
GROUP BY spans.video_id, spans.run_id, spans.person_id, metric, side, videos.fps
