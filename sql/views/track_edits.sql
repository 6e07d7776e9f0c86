-- view:   track_edits
-- what:   what the user has set right about who is who: rows that every run of the video obeys
-- grain:  video_id, edit_id
-- units:  time_s in seconds from the first frame; x_px, y_px the person's middle of the hips in that frame, in pixels
--         of the displayed picture
-- values: kind is merge (the person here and the one at other_ are one), split (from that frame on it is another
--         person) or name; an edit that was undone has no row
-- run:    from the dataset folder, in any DuckDB client; posekit puts the folder's own path in; made by
--         `posekit tracks`

CREATE OR REPLACE VIEW track_edits AS
WITH texts AS (
    SELECT unnest(string_split(content, chr(10))) AS text
    FROM read_text('journal/edits.jsonl')
),
-- A line that was torn, by a power cut for example, is passed over.
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
