-- migration: 0004_footage
-- what:      how videos were filmed and are read
-- note:      never changed once released; later versions add migrations

ALTER TABLE videos ADD COLUMN slow_motion DOUBLE;         -- seconds of the file for a second of the athlete
ALTER TABLE videos ADD COLUMN capture_source VARCHAR;     -- tag or option that gives the camera's rate; NULL if it is the file's rate
ALTER TABLE videos ADD COLUMN is_mirrored BOOLEAN;        -- pictures are mirrored when they are read
ALTER TABLE videos ADD COLUMN field_order VARCHAR;        -- progressive, top_first or bottom_first, as decoded
ALTER TABLE videos ADD COLUMN transfer VARCHAR;           -- FFmpeg's name of the transfer characteristics; NULL if untagged
