-- query:  videos
-- what:   the videos with tables, and what the overview of a report says of them
-- grain:  video_id
-- units:  seconds, pixels of the displayed picture, frames a second; checks are counted by severity
-- values: sport is the name of a pack, NULL where nothing was analyzed
-- run:    in any DuckDB client, on the catalog

WITH found AS (
    SELECT
        run_id,
        count(*) FILTER (severity = 'error') AS n_errors,
        count(*) FILTER (severity = 'warning') AS n_warnings,
        count(*) FILTER (severity = 'info') AS n_infos
    FROM checks
    GROUP BY run_id
),

seen AS (
    -- Not from people, which goes through all landmarks.
    SELECT run_id, count(DISTINCT person_id) AS n_people
    FROM tracks
    GROUP BY run_id
)

SELECT
    videos.video_id,
    videos.path,
    videos.name,
    videos.duration_s,
    videos.width AS width_px,
    videos.height AS height_px,
    videos.fps,
    videos.n_frames,
    coalesce(seen.n_people, 0) AS n_people,
    analyses.sport,
    coalesce(found.n_errors, 0) AS n_errors,
    coalesce(found.n_warnings, 0) AS n_warnings,
    coalesce(found.n_infos, 0) AS n_infos
FROM videos
LEFT JOIN analyses ON analyses.run_id = videos.current_run_id
LEFT JOIN seen ON seen.run_id = videos.current_run_id
LEFT JOIN found ON found.run_id = videos.current_run_id
WHERE videos.current_run_id IS NOT NULL
ORDER BY videos.name, videos.video_id
