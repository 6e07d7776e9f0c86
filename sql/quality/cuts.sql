-- check:  cuts
-- what:   the video is cut: from one frame to the next it shows another scene. People after a cut have ids of their own,
--         because scale and view change; `posekit tracks` can join them
-- grain:  one row per violation
-- needs:  camera_motion

SELECT
    video_id,
    run_id,
    'warning' AS severity,
    frame_idx,
    time_s,
    format('the video is cut at {:.2f} s', time_s) AS problem
FROM camera_motion
WHERE is_cut
