-- migration: 0001_catalog
-- what:      the catalog's own tables: which videos there are, which files hold them, which runs extracted them
-- note:      never changed once released; later versions add migrations

CREATE TABLE videos (
    video_id        VARCHAR PRIMARY KEY,  -- hash of the content, 32 hexadecimal digits
    path            VARCHAR NOT NULL,     -- where the file was last seen
    name            VARCHAR NOT NULL,     -- its file name
    width           INTEGER,              -- displayed, pixels: rotation applied, pixels made square; NULL where unreadable
    height          INTEGER,
    rotation        SMALLINT,             -- degrees clockwise from stored to displayed
    fps             DOUBLE,               -- mean rate measured from packet times; NULL for a still
    is_vfr          BOOLEAN,              -- times vary by more than rounding
    duration_s      DOUBLE,
    n_frames        BIGINT,               -- decoded, or as many packets as the container has until a whole run has counted
    codec           VARCHAR,
    sport_type      VARCHAR,
    stored_width    INTEGER,
    stored_height   INTEGER,
    pixel_format    VARCHAR,
    n_packets       BIGINT,               -- what the container promises
    time_source     VARCHAR,              -- container, or stream_rate where the stream carries no times
    has_audio       BOOLEAN,
    current_run_id  VARCHAR               -- the run that the views show
);

CREATE TABLE files (
    path         VARCHAR PRIMARY KEY,
    video_id     VARCHAR NOT NULL,
    size_bytes   BIGINT NOT NULL,
    modified_ns  BIGINT NOT NULL          -- with the size: tells without reading that the file is unchanged
);

CREATE TABLE runs (
    run_id          VARCHAR PRIMARY KEY,
    video_id        VARCHAR NOT NULL,
    fingerprint     VARCHAR NOT NULL,     -- hash of content, settings, networks and schema
    network         VARCHAR NOT NULL,
    network_sha256  VARCHAR NOT NULL,
    settings        JSON NOT NULL,
    status          VARCHAR NOT NULL,     -- ok, degraded, failed
    reason          VARCHAR,              -- why it is degraded or failed
    started_at      TIMESTAMP NOT NULL,   -- UTC
    finished_at     TIMESTAMP NOT NULL,
    n_frames        BIGINT NOT NULL,
    n_found         BIGINT NOT NULL,      -- rows of frames with the status ok
    n_failed        BIGINT NOT NULL,      -- rows of frames with the status failed
    n_missing       BIGINT NOT NULL,      -- promised by the container, not decoded
    seconds         DOUBLE NOT NULL,
    peak_rss_bytes  BIGINT NOT NULL,
    lowest_budget_bytes BIGINT NOT NULL   -- least memory for frames while it ran; less than at first means pressure
);

CREATE TABLE dataset (
    root  VARCHAR NOT NULL                -- the folder that the views read; renewed when the dataset has moved
);
