-- migration: 0005_benchmark_engines
-- what:      which engines a benchmark measured
-- note:      never changed once released; later versions add migrations

ALTER TABLE benchmarks ADD COLUMN inference VARCHAR;      -- engines of the networks, with versions; NULL in older measurements
