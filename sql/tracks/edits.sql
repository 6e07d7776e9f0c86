-- query:  edits of videos
-- what:   the user's corrections of identity
-- grain:  video_id, edit_id
-- units:  time_s, other_time_s in seconds from the first frame; created_at in UTC
-- values: kind is merge, split or name; the variable video_id, if set, selects one video; counted_edits, if set,
--         selects edits whose line in the journal is complete
-- run:    in any DuckDB client, on the catalog; `SET VARIABLE video_id = '...'` before it

SELECT
    video,
    edit_id,
    kind,
    round(time_s, 2) AS time_s,
    round(other_time_s, 2) AS other_time_s,
    name,
    created_at,
    video_id
FROM track_edits
WHERE
    (getvariable('video_id') IS NULL OR video_id = getvariable('video_id'))
    AND (getvariable('counted_edits') IS NULL OR list_contains(getvariable('counted_edits'), video_id || '/' || edit_id))
ORDER BY video, video_id, edit_id;
