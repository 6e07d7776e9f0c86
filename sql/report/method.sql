-- query:  method
-- what:   the method by which a video was measured: network and its checksum, settings of extraction and analysis,
--         version; the number of variants in which its stability was measured, how many values they have and how many
--         agree
-- grain:  one row
-- units:  settings as JSON
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    videos.path,
    videos.codec,
    videos.is_vfr,
    videos.time_source,
    videos.fps,
    coalesce(videos.slow_motion, 1) AS slow_motion,
    videos.capture_source,
    coalesce(videos.is_mirrored, false) AS is_mirrored,
    runs.run_id,
    runs.network,
    runs.network_sha256,
    runs.finished_at::VARCHAR AS finished_at,
    runs.n_frames,
    runs.n_found,
    runs.n_failed,
    runs.n_missing,
    runs.settings::VARCHAR AS extraction_settings,
    analyses.sport,
    analyses.settings::VARCHAR AS analysis_settings,
    analyses.posekit_version,
    variants.n_variants,
    variants.n_values,
    variants.n_agree
FROM videos
JOIN runs ON runs.run_id = videos.current_run_id
LEFT JOIN analyses ON analyses.run_id = videos.current_run_id
LEFT JOIN (
    SELECT
        run_id,
        max(n_variants) AS n_variants,
        sum(n_found)::BIGINT AS n_values,
        sum(n_agree)::BIGINT AS n_agree
    FROM stability
    WHERE n_agree IS NOT NULL
    GROUP BY run_id
) AS variants ON variants.run_id = videos.current_run_id
WHERE videos.video_id = getvariable('video_id')
