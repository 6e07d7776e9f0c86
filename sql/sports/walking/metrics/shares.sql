-- metric: shares
-- what:   shares of the stride: stance_share (the foot is on the floor) and double_support_share (both feet are on the
--         floor)
-- grain:  video_id, person_id, metric, side
-- unit:   percent
-- needs:  events, videos
-- source: times as in gait_times, each divided by the time of the stride; mean over strides. 95 % interval from the
--         spread between strides, half a frame at each end, and the errors of contacts and toe-offs (event_error_s),
--         which do not average out. Walking strides only: the foot is on the floor for at least half of the stride

WITH shares AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        100 / videos.fps / sqrt(6) / (end_time_s - start_time_s) AS noise,
        100 * span_error_s('contact', 'toe_off') / (end_time_s - start_time_s) AS bias,
        unnest([
            {'metric': 'stance_share', 'share': 100 * (toe_off_time_s - start_time_s) / (end_time_s - start_time_s),
                'spans': 1},
            {'metric': 'double_support_share', 'share': CASE
                WHEN other_toe_off_time_s < other_contact_time_s AND other_contact_time_s <= toe_off_time_s
                    THEN 100 * ((other_toe_off_time_s - start_time_s) + (toe_off_time_s - other_contact_time_s))
                        / (end_time_s - start_time_s)
            END, 'spans': 2}
        ], recursive := true)
    FROM strides
    JOIN videos ON videos.video_id = strides.video_id
    WHERE NOT is_running(strides.start_time_s, strides.toe_off_time_s, strides.end_time_s)
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(share, noise * sqrt(spans), lowest := 0, bias := spans * bias)),
    '%' AS unit,
    count(*) AS n
FROM shares
WHERE share IS NOT NULL
GROUP BY video_id, run_id, person_id, metric, side
