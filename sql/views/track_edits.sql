-- view:   track_edits
-- what:   the user's corrections of identity, which apply to every run of the video
-- grain:  video_id, edit_id
-- units:  time_s in seconds from the first frame; x_px, y_px are the middle of the person's hips in that frame, in
--         pixels of the displayed picture
-- values: kind is merge (the person at this position and the person at the other_ position are the same person), split
--         (from that frame on, the track is another person) or name; an edit that was undone has no row
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit tracks`

CREATE OR REPLACE VIEW track_edits AS
WITH texts AS (
    SELECT unnest(string_split(content, chr(10))) AS text
    FROM read_text('journal/edits.jsonl')
),
-- Skips incomplete lines, for example after a power cut.
lines AS (
    SELECT unnest(from_json(
        CASE WHEN json_valid(text) THEN text END,
        '{
            "line": "VARCHAR", "video_id": "VARCHAR", "edit_id": "INTEGER", "kind": "VARCHAR",
            "frame_idx": "INTEGER", "time_s": "DOUBLE", "x_px": "FLOAT", "y_px": "FLOAT",
            "other_frame_idx": "INTEGER", "other_time_s": "DOUBLE", "other_x_px": "FLOAT", "other_y_px": "FLOAT",
            "name": "VARCHAR", "created_at_us": "BIGINT"
        }'
    ))
    FROM texts
)
SELECT
    made.video_id,
    videos.name AS video,
    made.edit_id,
    made.kind,
    made.frame_idx,
    made.time_s,
    made.x_px,
    made.y_px,
    made.other_frame_idx,
    made.other_time_s,
    made.other_x_px,
    made.other_y_px,
    made.name,
    make_timestamp(made.created_at_us) AS created_at
FROM lines AS made
ANTI JOIN (SELECT * FROM lines WHERE line = 'undo') AS undone
    ON undone.video_id = made.video_id AND undone.edit_id = made.edit_id
LEFT JOIN videos ON videos.video_id = made.video_id
WHERE made.line = 'edit';
