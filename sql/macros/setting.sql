-- macro:      setting
-- what:       a number from the settings of an analysis
-- parameters: settings: the JSON of analyses; path: its path, such as '$.height_m'
-- unit:       that of the setting; NULL if it is not set
-- source:     posekit.toml

CREATE OR REPLACE MACRO setting(settings, path) AS TRY_CAST(json_extract_string(settings, path) AS DOUBLE);
