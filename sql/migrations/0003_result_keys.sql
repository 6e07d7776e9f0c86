-- migration: 0003_result_keys
-- what:      views of results have the column result_key; a new version has the views written anew, tables stay as they are
-- note:      never changed once released; later versions add migrations

SELECT 1;
