-- query:  made_at
-- what:   a moment as reports show it
-- grain:  one row
-- units:  UTC
-- parameters: SET VARIABLE now_s = '...', seconds since 1970
-- run:    in any DuckDB client

SELECT strftime(make_timestamp(getvariable('now_s')::BIGINT * 1000000), '%Y-%m-%d %H:%M UTC') AS made_at
