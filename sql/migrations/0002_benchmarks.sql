-- migration: 0002_benchmarks
-- what:      what `posekit bench` has measured on this machine
-- note:      never changed once released; later versions add migrations

CREATE TABLE benchmarks (
    measured_at      TIMESTAMP NOT NULL,   -- UTC
    posekit_version  VARCHAR NOT NULL,
    video            VARCHAR NOT NULL,     -- file name of the clip
    network          VARCHAR NOT NULL,
    people           INTEGER NOT NULL,     -- at most
    n_frames         INTEGER NOT NULL,
    cores            INTEGER NOT NULL,
    decode_ms        DOUBLE NOT NULL,      -- milliseconds of one core for each frame, here and below
    convert_ms       DOUBLE NOT NULL,
    detect_ms        DOUBLE NOT NULL,
    crop_ms          DOUBLE NOT NULL,
    landmarks_ms     DOUBLE NOT NULL,
    post_ms          DOUBLE NOT NULL,      -- decoding of tensors, tracking
    write_ms         DOUBLE NOT NULL,      -- rows to sealed parts, identity, smoothing
    limit_per_s      DOUBLE NOT NULL,      -- frames a second if no core was ever idle
    reached_per_s    DOUBLE NOT NULL,      -- frames a second end to end, with start-up: median of n_runs
    startup_s        DOUBLE NOT NULL,      -- seconds that an extraction of one frame takes
    n_runs           INTEGER NOT NULL,
    peak_rss_bytes   BIGINT NOT NULL
);
