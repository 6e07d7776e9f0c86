-- query:  made_at
-- what:   a time in the format of reports
-- grain:  one row
-- units:  UTC
-- parameters: SET VARIABLE now_s = '...', seconds since 1970
-- run:    in any DuckDB client

SELECT strftime(make_timestamp(getvariable('now_s')::BIGINT * 1000000), '%Y-%m-%d %H:%M UTC') AS made_at
