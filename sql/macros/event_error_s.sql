-- macro:      event_error_s
-- what:       how far the detected time of an event may be off in the same direction in every step or jump: one standard
--             error, beside half a frame. Contacts come late by 0 to 0.06, toe-offs of walking early by 0.03 to 0.08,
--             take-offs early by 0.02 to 0.05, since the landmark of the toes rises with the heel
-- parameters: kind: contact, toe_off, take_off or landing
-- unit:       seconds
-- source:     events of real clips read by eye (docs/METRICS.md, Intervals)

CREATE OR REPLACE MACRO event_error_s(kind) AS
    CASE kind WHEN 'contact' THEN 0.025 WHEN 'toe_off' THEN 0.035 WHEN 'take_off' THEN 0.025 WHEN 'landing' THEN 0.01 END;
