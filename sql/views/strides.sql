-- view:   strides
-- what:   strides of walking and running: from a contact of a foot to its next contact, with the events in between
-- grain:  video_id, person_id, side, start_frame_idx
-- units:  times in seconds; frames of the video
-- values: toe_off_ is when this foot leaves the floor; other_contact_ and other_toe_off_ are the contact and toe-off
--         of the other foot; NULL if not detected. An interval of more than 3 seconds is a pause and has no row, nor
--         has one without exactly one contact of the other foot
-- run:    in any DuckDB client, after events.sql

CREATE OR REPLACE VIEW strides AS
WITH gait AS (
    SELECT video_id, video, run_id, person_id, kind, side, frame_idx, time_s
    FROM events
    WHERE kind IN ('contact', 'toe_off') AND side IN ('left', 'right')
),

contacts AS (
    SELECT
        video_id,
        video,
        run_id,
        person_id,
        side,
        frame_idx AS start_frame_idx,
        time_s AS start_time_s,
        lead(frame_idx) OVER same_foot AS end_frame_idx,
        lead(time_s) OVER same_foot AS end_time_s
    FROM gait
    WHERE kind = 'contact'
    WINDOW same_foot AS (PARTITION BY run_id, person_id, side ORDER BY time_s)
)

SELECT
    contacts.video_id,
    contacts.video,
    contacts.run_id,
    contacts.person_id,
    contacts.side,
    contacts.start_frame_idx,
    contacts.end_frame_idx,
    contacts.start_time_s,
    contacts.end_time_s,
    min(gait.time_s) FILTER (gait.kind = 'toe_off' AND gait.side = contacts.side) AS toe_off_time_s,
    min(gait.frame_idx) FILTER (gait.kind = 'toe_off' AND gait.side = contacts.side) AS toe_off_frame_idx,
    min(gait.time_s) FILTER (gait.kind = 'toe_off' AND gait.side <> contacts.side) AS other_toe_off_time_s,
    min(gait.time_s) FILTER (gait.kind = 'contact' AND gait.side <> contacts.side) AS other_contact_time_s,
    min(gait.frame_idx) FILTER (gait.kind = 'contact' AND gait.side <> contacts.side) AS other_contact_frame_idx
FROM contacts
LEFT JOIN gait
    ON gait.run_id = contacts.run_id
    AND gait.person_id = contacts.person_id
    AND gait.time_s > contacts.start_time_s
    AND gait.time_s < contacts.end_time_s
WHERE contacts.end_time_s - contacts.start_time_s <= 3
GROUP BY ALL
-- Without a contact of the other foot, or with several, a contact is missing or wrong.
HAVING count(*) FILTER (gait.kind = 'contact' AND gait.side <> contacts.side) = 1;
